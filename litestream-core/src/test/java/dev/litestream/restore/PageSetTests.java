package dev.litestream.restore;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PageSet}.
 */
class PageSetTests {

	/** Beyond what one {@code BitSet} holds. */
	private static final long FAR = 4_294_967_294L;

	private final PageSet pages = new PageSet();

	@Test
	void holdsWhatAHashSetHolds() {
		Random random = new Random(1);
		Set<Long> expected = new HashSet<>();
		for (int i = 0; i < 2000; i++) {
			long pgno = 1 + random.nextInt(3000);
			this.pages.add(pgno);
			expected.add(pgno);
		}
		for (long pgno = 1; pgno <= 3001; pgno++) {
			assertThat(this.pages.contains(pgno)).isEqualTo(expected.contains(pgno));
			long absent = pgno;
			while (expected.contains(absent)) {
				absent++;
			}
			assertThat(this.pages.nextAbsent(pgno)).isEqualTo(absent);
		}
	}

	@Test
	void holdsTheLargestPageNumberThatThereIs() {
		this.pages.add(FAR);
		assertThat(this.pages.contains(FAR)).isTrue();
		assertThat(this.pages.contains(FAR - 1)).isFalse();
		assertThat(this.pages.contains(FAR & 0x3fffffff)).isFalse();
		assertThat(this.pages.nextAbsent(FAR)).isEqualTo(FAR + 1);
	}

	@Test
	void drainMovesAllPages() {
		PageSet other = new PageSet();
		other.add(7);
		other.add(FAR);
		this.pages.add(8);
		this.pages.drain(other);
		assertThat(this.pages.contains(7)).isTrue();
		assertThat(this.pages.contains(8)).isTrue();
		assertThat(this.pages.contains(FAR)).isTrue();
		assertThat(other.contains(7)).isFalse();
		assertThat(other.contains(FAR)).isFalse();
	}

}
