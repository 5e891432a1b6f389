package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.litestream.Txid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link LtxReader} reads what {@link LtxWriter} wrote.
 */
class LtxRoundTripTests {

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 })
	void pagesOfEverySizeComeBack(int pageSize) throws Exception {
		LtxHeader header = LtxFiles.header(pageSize, 1_000_000, 2, 5);
		SortedMap<Long, byte[]> pages = LtxFiles.pages(pageSize, 0, 1, 2, 3, 4, 5, 6, 127, 128, 300, 1_000_000);
		byte[] file = LtxFiles.write(header, pages);
		for (int bufferSize : new int[] { 0, 1000, 70_000 }) {
			try (LtxReader reader = new LtxReader(dribble(file), "test", bufferSize)) {
				assertThat(reader.header()).isEqualTo(header);
				assertSame(LtxFiles.read(reader), pages);
				assertThat(reader.nextPage(new byte[pageSize])).isZero();
				assertThat(reader.postApplyChecksum()).isZero();
			}
		}
	}

	@Test
	void snapshotOfManyPagesComesBack() throws Exception {
		LtxHeader header = LtxFiles.header(512, 5000, 1, 9);
		SortedMap<Long, byte[]> pages = LtxFiles.pages(512, 7,
				java.util.stream.LongStream.rangeClosed(1, 5000).toArray());
		byte[] file = LtxFiles.write(header, pages);
		assertSame(LtxFiles.read(file), pages);
		assertThat(LtxReader.verify(new ByteArrayInputStream(file), "test")).isEqualTo(header);
	}

	@Test
	void indexAndTrailerMayCrossTheBufferAnywhere() throws Exception {
		byte[] empty = new byte[512];
		SortedMap<Long, byte[]> pages = new TreeMap<>(Map.of(100_000L, empty));
		for (long pgno = 1; LtxFiles.write(LtxFiles.header(512, 100_000, 2, 2), pages).length < 65_300; pgno += 5) {
			for (int i = 0; i < 5; i++) {
				pages.put(pgno + i, empty);
			}
		}
		byte[] random = LtxFiles.page(512, 3);
		for (int length = 0; length <= 512; length++) {
			byte[] last = new byte[512];
			System.arraycopy(random, 0, last, 0, length);
			pages.put(100_000L, last);
			byte[] file = LtxFiles.write(LtxFiles.header(512, 100_000, 2, 2), pages);
			assertThat(LtxReader.verify(new ByteArrayInputStream(file), "test").commit()).isEqualTo(100_000);
		}
	}

	@Test
	void fileWithoutPagesComesBack() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(4096, 3, 2, 2), LtxFiles.pages(4096, 0));
		assertThat(file).hasSize(100 + 6 + 1 + 8 + 16);
		assertThat(LtxFiles.read(file)).isEmpty();
	}

	@Test
	void headerFieldsComeBack() throws Exception {
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, 65536, LtxFormat.MAX_PGNO, new Txid(1L << 63),
				new Txid(-1), -5, 0, 32, Long.MAX_VALUE, 0x80000001, -1, Long.MIN_VALUE);
		byte[] file = LtxFiles.write(header, LtxFiles.pages(65536, 0, LtxFormat.MAX_PGNO));
		assertThat(LtxFiles.reader(file).header()).isEqualTo(header);
		assertThat(LtxFiles.read(file)).containsOnlyKeys(LtxFormat.MAX_PGNO);
	}

	static void assertSame(SortedMap<Long, byte[]> actual, SortedMap<Long, byte[]> expected) {
		assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
		expected.forEach((pgno, page) -> assertThat(actual.get(pgno)).as("page %d", pgno).isEqualTo(page));
	}

	/** Gives at most 777 bytes at a time. */
	private static InputStream dribble(byte[] file) {
		return new ByteArrayInputStream(file) {

			@Override
			public int read(byte[] bytes, int offset, int length) {
				return super.read(bytes, offset, Math.min(length, 777));
			}

		};
	}

}
