package dev.litestream.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link PageMap}.
 */
class PageMapTests {

	private static final long LAST_PAGE = 0xffff_ffffL;

	@Test
	void unknownPageHasNoOffset() {
		PageMap map = new PageMap();
		map.put(1, 32);
		assertThat(map.offset(2)).isEqualTo(-1);
		assertThat(map.offset(0)).isEqualTo(-1);
		assertThat(map.offset(LAST_PAGE + 2)).isEqualTo(-1);
	}

	@Test
	void newestFrameOfAPageWins() {
		PageMap map = new PageMap();
		map.put(7, 32);
		map.put(7, 5_000_000_000L);
		assertThat(map.offset(7)).isEqualTo(5_000_000_000L);
		assertThat(map.size()).isEqualTo(1);
	}

	@Test
	@Hazard("B8")
	void pagesBeyondTheSignedRangeSortLast() {
		PageMap map = new PageMap();
		for (long pgno : new long[] { LAST_PAGE, 0x8000_0000L, 1, 0x7fff_ffffL }) {
			map.put(pgno, pgno * 10);
		}
		assertThat(unsigned(map)).containsExactly(1L, 0x7fff_ffffL, 0x8000_0000L, LAST_PAGE);
		assertThat(map.offset(LAST_PAGE)).isEqualTo(LAST_PAGE * 10);
		map.truncate(0x8000_0000L);
		assertThat(unsigned(map)).containsExactly(1L, 0x7fff_ffffL, 0x8000_0000L);
	}

	@Test
	void refusesWhatIsNoPage() {
		PageMap map = new PageMap();
		assertThatIllegalArgumentException().isThrownBy(() -> map.put(0, 32));
		assertThatIllegalArgumentException().isThrownBy(() -> map.put(LAST_PAGE + 1, 32));
		assertThatIllegalArgumentException().isThrownBy(() -> map.put(-1, 32));
		assertThatIllegalArgumentException().isThrownBy(() -> map.put(1, -1));
	}

	@Test
	void mapOfManyPagesGrowsAndEmpties() {
		PageMap map = new PageMap();
		for (int pgno = 1; pgno <= 100_000; pgno++) {
			map.put(pgno, pgno + 1L);
		}
		PageMap copy = new PageMap();
		copy.putAll(map);
		map.clear();
		assertThat(map.size()).isZero();
		assertThat(map.offset(1)).isEqualTo(-1);
		assertThat(map.sortedPages()).isEmpty();
		assertThat(copy.size()).isEqualTo(100_000);
		assertThat(copy.offset(100_000)).isEqualTo(100_001);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void behavesLikeASortedMap(long seed) {
		Random random = new Random(seed);
		PageMap map = new PageMap();
		TreeMap<Long, Long> expected = new TreeMap<>();
		long range = (seed % 2 == 0) ? LAST_PAGE : 3000;
		for (int step = 0; step < 20_000; step++) {
			int action = random.nextInt(2000);
			if (action == 0) {
				map.clear();
				expected.clear();
			}
			else if (action < 4) {
				long commit = page(random, range);
				map.truncate(commit);
				expected.tailMap(commit, false).clear();
			}
			else if (action < 20) {
				PageMap newer = new PageMap();
				for (int i = random.nextInt(300); i > 0; i--) {
					long pgno = page(random, range);
					newer.put(pgno, step);
					expected.put(pgno, (long) step);
				}
				map.putAll(newer);
			}
			else {
				long pgno = page(random, range);
				map.put(pgno, step);
				expected.put(pgno, (long) step);
			}
			assertThat(map.size()).isEqualTo(expected.size());
			long probe = page(random, range);
			assertThat(map.offset(probe)).isEqualTo(expected.getOrDefault(probe, -1L));
		}
		assertThat(unsigned(map)).containsExactlyElementsOf(expected.keySet());
		expected.forEach((pgno, offset) -> assertThat(map.offset(pgno)).isEqualTo(offset));
	}

	private static long page(Random random, long range) {
		return 1 + (long) (random.nextDouble() * range);
	}

	private static List<Long> unsigned(PageMap map) {
		List<Long> pages = new ArrayList<>();
		for (int page : map.sortedPages()) {
			pages.add(Integer.toUnsignedLong(page));
		}
		return pages;
	}

}
