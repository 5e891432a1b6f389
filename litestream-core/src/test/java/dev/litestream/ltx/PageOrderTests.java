package dev.litestream.ltx;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PageOrder}.
 */
class PageOrderTests {

	@ParameterizedTest
	@ValueSource(ints = { 4096, 65536 })
	@Hazard("B6")
	void snapshotSkipsTheLockPageAndNothingElse(int pageSize) {
		long lockPage = LtxFormat.lockPage(pageSize);
		for (long commit = lockPage - 2; commit <= lockPage + 2; commit++) {
			PageOrder order = new PageOrder(LtxFiles.header(pageSize, commit, 1, 1));
			for (long pgno = 1; pgno <= commit; pgno++) {
				if (pgno == lockPage) {
					assertThat(order.accept(pgno)).contains("lock page");
				}
				else {
					assertThat(order.end()).contains("missing");
					assertThat(order.accept(pgno)).isNull();
				}
			}
			assertThat(order.end()).isNull();
		}
	}

	@Test
	@Hazard("B6")
	void snapshotThatSkipsTheNeighbourOfTheLockPageIsRefused() {
		long lockPage = LtxFormat.lockPage(65536);
		PageOrder order = new PageOrder(LtxFiles.header(65536, lockPage + 5, 1, 1));
		for (long pgno = 1; pgno < lockPage - 1; pgno++) {
			assertThat(order.accept(pgno)).isNull();
		}
		assertThat(order.accept(lockPage + 1)).contains("page " + (lockPage - 1) + " is missing");
		assertThat(order.accept(lockPage - 1)).isNull();
		assertThat(order.accept(lockPage + 2)).contains("page " + (lockPage + 1) + " is missing");
	}

	@Test
	@Hazard("B6")
	void incrementMayHoldAnythingButTheLockPage() {
		long lockPage = LtxFormat.lockPage(4096);
		PageOrder order = new PageOrder(LtxFiles.header(4096, LtxFormat.MAX_PGNO, 2, 2));
		assertThat(order.accept(0)).contains("outside");
		assertThat(order.accept(-1)).contains("outside");
		assertThat(order.accept(5)).isNull();
		assertThat(order.accept(5)).contains("follows");
		assertThat(order.accept(4)).contains("follows");
		assertThat(order.accept(lockPage)).contains("lock page");
		assertThat(order.accept(lockPage + 1)).isNull();
		assertThat(order.accept(LtxFormat.MAX_PGNO)).isNull();
		assertThat(order.accept(LtxFormat.MAX_PGNO + 1)).contains("outside");
		assertThat(order.end()).isNull();
	}

}
