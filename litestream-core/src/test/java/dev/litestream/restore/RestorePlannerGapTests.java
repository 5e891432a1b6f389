package dev.litestream.restore;

import java.io.IOException;
import java.util.List;

import dev.litestream.RestoreTarget;
import dev.litestream.ltx.LtxFileInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a plan does about files that are missing or cannot be read.
 */
class RestorePlannerGapTests extends RestorePlannerFixture {

	@Test
	void aGapBeforeTheLatestIsAnError() {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13, 14, 14);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("have up to 000000000000000b, the next file starts at 000000000000000d");
	}

	@Test
	void aGapBeforeAnInstantIsAnError() throws IOException {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13, 14, 14);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.before(at(14))));
		assertThat(plan(RestoreTarget.before(at(13))).txid()).isEqualTo(txid(11));
	}

	@Test
	void aGapDoesNotHideThePointsBeforeIt() throws IOException {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13);
		assertThat(plan(RestoreTarget.of(txid(11))).txid()).isEqualTo(txid(11));
		assertThatExceptionOfType(RestorePointMissingException.class)
			.isThrownBy(() -> plan(RestoreTarget.of(txid(13))));
	}

	@Test
	void aHistoryWithoutItsBeginningIsAGap() {
		range(1, 5, 10);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("nothing starts at TXID 0000000000000001");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 99 })
	void aFileShorterThanItsHeaderIsReplacedByOtherLevels(int size) throws IOException {
		add(9, 1, 20, size, 20);
		range(1, 1, 10, 11, 20);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("1/1-10", "1/11-20");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 99 })
	void aNewestFileShorterThanItsHeaderIsNotPassedOver(int size) throws IOException {
		range(1, 1, 10);
		add(0, 11, 11, size, 11);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("0/000000000000000b-000000000000000b.ltx (" + size + " bytes)")
			.withMessageContaining("can be restored as TXID 000000000000000a");
		assertThat(plan(RestoreTarget.of(txid(10))).txid()).isEqualTo(txid(10));
	}

	@Test
	void anUnreadableFileIsAvoided() throws IOException {
		range(9, 1, 5, 1, 10);
		range(1, 6, 10);
		range(0, 11, 11);
		LtxFileInfo broken = this.files.get(1);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("9/1-10", "0/11-11");
		RestorePlan plan = planner(List.of(broken)).plan(RestoreTarget.LATEST);
		assertThat(plan.files()).extracting(RestorePlannerTests::name).containsExactly("9/1-5", "1/6-10", "0/11-11");
	}

	@Test
	void anUnreadableFileThatWouldNotHelpIsNoGap() throws IOException {
		range(9, 1, 4);
		range(1, 5, 10);
		range(0, 7, 7);
		assertThat(planner(List.of(this.files.get(2))).plan(RestoreTarget.before(at(9))).txid()).isEqualTo(txid(4));
	}

}
