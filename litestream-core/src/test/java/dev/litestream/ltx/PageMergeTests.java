package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PageMerge}.
 */
class PageMergeTests {

	private static final int PAGE_SIZE = 512;

	@Test
	void givesWhatApplyingTheFilesInOrderGives() throws Exception {
		for (int seed = 0; seed < 300; seed++) {
			Random random = new Random(seed);
			List<byte[]> files = new ArrayList<>();
			SortedMap<Long, byte[]> applied = new TreeMap<>();
			long min = 2 + random.nextInt(3);
			long previousMax = 0;
			LtxHeader first = null;
			LtxHeader header = null;
			for (int i = 0; i <= random.nextInt(12); i++) {
				long max = Math.max(min, previousMax + 1) + random.nextInt(4);
				long commit = 1 + random.nextInt(40);
				header = LtxFiles.header(PAGE_SIZE, commit, min, max);
				first = (first != null) ? first : header;
				SortedMap<Long, byte[]> pages = new TreeMap<>();
				for (long pgno = 1; pgno <= commit; pgno++) {
					if (random.nextInt(3) == 0) {
						pages.put(pgno, LtxFiles.page(PAGE_SIZE, random.nextInt(1000)));
					}
				}
				files.add(LtxFiles.write(header, pages));
				applied.putAll(pages);
				applied.tailMap(commit + 1).clear();
				previousMax = max;
				min = Math.max(2, max + 1 - random.nextInt(3));
			}
			LtxRoundTripTests.assertSame(LtxFiles.merge(files), applied);
		}
	}

	@Test
	void headerSpansTheFiles() throws Exception {
		LtxHeader first = new LtxHeader(0, PAGE_SIZE, 9, new Txid(5), new Txid(6), 77, LtxFormat.CHECKSUM_FLAG | 1, 32,
				99, 3, 4, 5);
		LtxHeader last = LtxFiles.header(PAGE_SIZE, 4, 7, 12);
		byte[] a = new RawLtx(first).page(2, LtxFiles.page(PAGE_SIZE, 1)).finish(LtxFormat.CHECKSUM_FLAG);
		byte[] b = LtxFiles.write(last, LtxFiles.pages(PAGE_SIZE, 3, 3));
		try (PageMerge merge = new PageMerge(List.of(LtxFiles.reader(a), LtxFiles.reader(b)))) {
			assertThat(merge.header()).isEqualTo(new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, 4, new Txid(5),
					new Txid(12), last.timestamp(), 0, 0, 0, 0, 0, 0));
		}
		assertThat(LtxFiles.merge(List.of(a, b))).containsOnlyKeys(2L, 3L);
	}

	@Test
	void pageCutOffByAShrinkDoesNotComeBackWithALaterGrowth() throws Exception {
		byte[] large = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 2, 2), LtxFiles.pages(PAGE_SIZE, 1, 3, 8, 9));
		byte[] small = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 5, 3, 3), LtxFiles.pages(PAGE_SIZE, 2, 1));
		byte[] grown = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 4, 4), LtxFiles.pages(PAGE_SIZE, 3, 9));
		SortedMap<Long, byte[]> merged = LtxFiles.merge(List.of(large, small, grown));
		assertThat(merged).containsOnlyKeys(1L, 3L, 9L);
		assertThat(merged.get(9L)).isEqualTo(LtxFiles.page(PAGE_SIZE, 12));
	}

	@Test
	void snapshotWithAHoleIsRefused() throws Exception {
		byte[] snapshot = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 2, 1, 1), LtxFiles.pages(PAGE_SIZE, 1, 1, 2));
		for (long[] pgnos : new long[][] { { 3 }, { 4 }, {} }) {
			byte[] grown = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 4, 2, 2), LtxFiles.pages(PAGE_SIZE, 3, pgnos));
			assertThatExceptionOfType(CorruptLtxException.class)
				.isThrownBy(() -> LtxFiles.merge(List.of(snapshot, grown)))
				.withMessageContaining("missing");
		}
	}

	@Test
	void mergeGivesNoPageBehindAHole() throws Exception {
		byte[] snapshot = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 2, 1, 1), LtxFiles.pages(PAGE_SIZE, 1, 1, 2));
		byte[] grown = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 5, 2, 2), LtxFiles.pages(PAGE_SIZE, 3, 4, 5));
		byte[] page = new byte[PAGE_SIZE];
		try (PageMerge merge = new PageMerge(List.of(LtxFiles.reader(snapshot), LtxFiles.reader(grown)))) {
			assertThat(merge.nextPage(page)).isEqualTo(1);
			assertThat(merge.nextPage(page)).isEqualTo(2);
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> merge.nextPage(page))
				.withMessageContaining("page 3 is missing");
		}
	}

	@Test
	void mergeThatFailedOnceGivesNothingMore() throws Exception {
		byte[] older = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 2, 2), LtxFiles.pages(PAGE_SIZE, 1, 1, 4));
		byte[] newer = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 3, 3), LtxFiles.pages(PAGE_SIZE, 2, 2, 6));
		older[older.length - 1] ^= 1;
		byte[] page = new byte[PAGE_SIZE];
		try (PageMerge merge = new PageMerge(List.of(LtxFiles.reader(older), LtxFiles.reader(newer)))) {
			assertThat(merge.nextPage(page)).isEqualTo(1);
			assertThat(merge.nextPage(page)).isEqualTo(2);
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> merge.nextPage(page));
			assertThatIllegalStateException().isThrownBy(() -> merge.nextPage(page))
				.withMessageContaining("0000000000000002-0000000000000003.ltx");
		}
	}

	@Test
	void everyReaderIsClosedAlsoWhenOthersCannotBe() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 2, 2), LtxFiles.pages(PAGE_SIZE, 1, 1));
		byte[] next = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 3, 3), LtxFiles.pages(PAGE_SIZE, 1, 1));
		byte[] last = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 4, 4), LtxFiles.pages(PAGE_SIZE, 1, 1));
		List<String> closed = new ArrayList<>();
		PageMerge merge = new PageMerge(List.of(failingAtClose(file, "first", closed),
				failingAtClose(next, "second", closed), failingAtClose(last, "third", closed)));
		assertThat(closed).isEmpty();
		assertThatIOException().isThrownBy(merge::close)
			.withMessage("first")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).extracting(Throwable::getMessage)
				.containsExactly("second", "third"));
		assertThat(closed).containsExactly("first", "second", "third");
	}

	@Test
	void readersThatAreNotMergedAreClosed() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 2, 2), LtxFiles.pages(PAGE_SIZE, 1, 1));
		List<String> closed = new ArrayList<>();
		List<LtxReader> same = List.of(closing(file, "first", closed), closing(file, "second", closed));
		assertThatIllegalArgumentException().isThrownBy(() -> new PageMerge(same));
		assertThat(closed).containsExactly("first", "second");
	}

	@Test
	void filesThatDoNotContinueOneAnotherAreRefused() throws Exception {
		for (long[] next : new long[][] { { 7, 9 }, { 2, 5 }, { 3, 4 }, { 5, 5 } }) {
			byte[] a = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 2, 5), LtxFiles.pages(PAGE_SIZE, 1, 1));
			byte[] b = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, next[0], next[1]), LtxFiles.pages(PAGE_SIZE, 1, 1));
			assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.merge(List.of(a, b)))
				.withMessageContaining("does not continue");
		}
		assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.merge(List.of()));
	}

	@Test
	void filesThatOverlapOrContinueAreTaken() throws Exception {
		for (long[] next : new long[][] { { 6, 6 }, { 5, 6 }, { 2, 6 }, { 1, 9 } }) {
			byte[] a = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 2, 5), LtxFiles.pages(PAGE_SIZE, 1, 1));
			byte[] b = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, next[0], next[1]), LtxFiles.pages(PAGE_SIZE, 2, 1));
			assertThat(LtxFiles.merge(List.of(a, b)).get(1L)).isEqualTo(LtxFiles.page(PAGE_SIZE, 3));
		}
	}

	@Test
	@Hazard("B8")
	void positionsAreComparedUnsigned() throws Exception {
		byte[] a = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 2, Long.MAX_VALUE), LtxFiles.pages(PAGE_SIZE, 1, 1));
		byte[] b = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, Long.MIN_VALUE, -1), LtxFiles.pages(PAGE_SIZE, 2, 1));
		assertThat(LtxFiles.merge(List.of(a, b))).hasSize(1);
		assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.merge(List.of(b, a)));
	}

	@Test
	void differentPageSizesAreRefused() throws Exception {
		byte[] a = LtxFiles.write(LtxFiles.header(512, 1, 2, 2), LtxFiles.pages(512, 1, 1));
		byte[] b = LtxFiles.write(LtxFiles.header(1024, 1, 3, 3), LtxFiles.pages(1024, 1, 1));
		assertThatIllegalArgumentException().isThrownBy(() -> LtxFiles.merge(List.of(a, b)))
			.withMessageContaining("page sizes");
	}

	@Test
	void fileThatIsCorruptBehindItsLastKeptPageFailsTheMerge() throws Exception {
		byte[] older = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 9, 2, 2), LtxFiles.pages(PAGE_SIZE, 1, 1, 9));
		byte[] newer = LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1, 3, 3), LtxFiles.pages(PAGE_SIZE, 2, 1));
		assertThat(LtxFiles.merge(List.of(older, newer))).containsOnlyKeys(1L);
		older[older.length - 1] ^= 1;
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxFiles.merge(List.of(older, newer)))
			.withMessageContaining("file0");
	}

	@Test
	void hundredsOfFilesMerge() throws Exception {
		List<byte[]> files = new ArrayList<>();
		SortedMap<Long, byte[]> applied = new TreeMap<>();
		for (long txid = 2; txid < 600; txid++) {
			SortedMap<Long, byte[]> pages = LtxFiles.pages(PAGE_SIZE, txid, 1, 2 + txid % 50, 100 + txid);
			files.add(LtxFiles.write(LtxFiles.header(PAGE_SIZE, 1000, txid, txid), pages));
			applied.putAll(pages);
		}
		LtxRoundTripTests.assertSame(LtxFiles.merge(files), applied);
	}

	private static LtxReader closing(byte[] file, String name, List<String> closed) throws IOException {
		return new LtxReader(new ByteArrayInputStream(file) {

			@Override
			public void close() {
				closed.add(name);
			}

		}, name);
	}

	private static LtxReader failingAtClose(byte[] file, String name, List<String> closed) throws IOException {
		return new LtxReader(new ByteArrayInputStream(file) {

			@Override
			public void close() throws IOException {
				closed.add(name);
				throw new IOException(name);
			}

		}, name);
	}

}
