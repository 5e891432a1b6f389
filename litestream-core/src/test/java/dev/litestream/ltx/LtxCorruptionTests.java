package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * No damaged LTX file is taken for a good one, and none costs more than an exception.
 */
@Hazard("E1")
class LtxCorruptionTests {

	private static final int PAGE_SIZE = 512;

	private static final Duration HANG = Duration.ofMinutes(2);

	@ParameterizedTest
	@EnumSource
	void everyTruncationIsFound(Kind kind) {
		assertTimeoutPreemptively(HANG, () -> {
			byte[] file = kind.file();
			assertThat(LtxFiles.read(file)).isNotEmpty();
			for (int length = 0; length < file.length; length++) {
				byte[] truncated = Arrays.copyOf(file, length);
				assertThatExceptionOfType(CorruptLtxException.class).as("%d bytes", length)
					.isThrownBy(() -> LtxFiles.read(truncated))
					.withMessage("LTX file test is corrupt at byte %d: the file ends early", length);
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void noFlippedByteGivesAWrongPageAtTheVerifiedEnd(Kind kind) {
		assertTimeoutPreemptively(HANG, () -> {
			byte[] file = kind.file();
			LtxHeader header = LtxFiles.reader(file).header();
			SortedMap<Long, byte[]> pages = LtxFiles.read(file);
			Map<Integer, String> accepted = new LinkedHashMap<>();
			for (int i = 0; i < file.length; i++) {
				for (int mask : new int[] { 1, 2, 4, 8, 16, 32, 64, 128, 255 }) {
					byte[] flipped = file.clone();
					flipped[i] ^= (byte) mask;
					try (LtxReader reader = LtxFiles.reader(flipped)) {
						SortedMap<Long, byte[]> read = LtxFiles.read(reader);
						assertThat(reader.header()).isEqualTo(header);
						LtxRoundTripTests.assertSame(read, pages);
						accepted.merge(i, Integer.toHexString(mask), (a, b) -> a + " " + b);
					}
					catch (CorruptLtxException ex) {
						assertThat(ex).hasMessageStartingWith("LTX file test is corrupt at byte ");
					}
				}
			}
			// Compressed bytes are not hashed. There, and only there, another byte may
			// mean the same page, such as a reference to an equal byte elsewhere.
			for (Map.Entry<Integer, String> byteAndMasks : accepted.entrySet()) {
				assertThat(kind.isCompressed(file, byteAndMasks.getKey())).as("%s", byteAndMasks).isTrue();
			}
			assertThat(accepted.size()).isLessThan(file.length / 20);
		});
	}

	@ParameterizedTest
	@EnumSource
	void appendedBytesAreFound(Kind kind) throws Exception {
		byte[] file = kind.file();
		for (int more : new int[] { 1, 16, 100_000 }) {
			assertThatExceptionOfType(CorruptLtxException.class)
				.isThrownBy(() -> LtxFiles.read(Arrays.copyOf(file, file.length + more)))
				.withMessageContaining("follow");
		}
	}

	@ParameterizedTest
	@EnumSource
	void fieldsThatLieCostNoMemory(Kind kind) throws Exception {
		byte[] file = kind.file();
		com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
		byte[] page = new byte[65536];
		long most = 0;
		for (int i = 0; i < file.length - 4; i++) {
			for (int first : new int[] { 0x7F, 0x3F, 0xFF }) {
				byte[] lie = file.clone();
				lie[i] = (byte) first;
				Arrays.fill(lie, i + 1, i + 4, (byte) 0xFF);
				ByteArrayInputStream in = new ByteArrayInputStream(lie);
				long before = threads.getCurrentThreadAllocatedBytes();
				try (LtxReader reader = new LtxReader(in, "test", 0)) {
					for (long pgno = -1; pgno != 0;) {
						pgno = reader.nextPage(page);
					}
				}
				catch (CorruptLtxException ex) {
					assertThat(ex).hasMessageContaining("corrupt");
				}
				most = Math.max(most, threads.getCurrentThreadAllocatedBytes() - before);
			}
		}
		assertThat(most).isLessThan(1_000_000);
	}

	@Test
	void readerThatFailedGivesNothingMore() throws Exception {
		byte[] file = Kind.INCREMENT.file();
		LtxReader reader = LtxFiles.reader(Arrays.copyOf(file, 130));
		byte[] page = new byte[PAGE_SIZE];
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> reader.nextPage(page));
		assertThatIllegalStateException().isThrownBy(() -> reader.nextPage(page));
		assertThatIllegalStateException().isThrownBy(reader::postApplyChecksum);
	}

	@Test
	void errorOfTheStreamIsNotCalledCorruption() {
		InputStream broken = new InputStream() {

			@Override
			public int read() throws IOException {
				throw new IOException("Connection reset");
			}

		};
		assertThatIOException().isThrownBy(() -> LtxReader.verify(broken, "test"))
			.isNotInstanceOf(CorruptLtxException.class)
			.withMessage("Connection reset");
	}

	@Test
	@Hazard("E5")
	void pagesThatBreakARuleAreFoundThoughEveryChecksumMatches() throws Exception {
		byte[] page = LtxFiles.page(PAGE_SIZE, 1);
		LtxHeader snapshot = LtxFiles.header(PAGE_SIZE, 3, 1, 1);
		LtxHeader increment = LtxFiles.header(PAGE_SIZE, 3, 2, 2);
		assertRefused(new RawLtx(snapshot).page(1, page).page(2, page).finish(0), "page 3 is missing");
		assertRefused(new RawLtx(snapshot).page(1, page).page(3, page).finish(0), "page 2 is missing");
		assertRefused(new RawLtx(snapshot).finish(0), "page 1 is missing");
		assertRefused(new RawLtx(increment).page(4, page).finish(0), "outside");
		assertRefused(new RawLtx(increment).page(2, page).page(2, page).finish(0), "follows");
		assertRefused(new RawLtx(increment).page(2, page).page(1, page).finish(0), "follows");
		long lockPage = LtxFormat.lockPage(PAGE_SIZE);
		assertRefused(new RawLtx(LtxFiles.header(PAGE_SIZE, lockPage, 2, 2)).page(lockPage, page).finish(0), "lock");
		assertRefused(new RawLtx(increment).page(1, page).finish(LtxFormat.CHECKSUM_FLAG), "post-apply");
		assertRefused(new RawLtx(increment).page(1, new byte[PAGE_SIZE - 1]).finish(0), "decompressed");
		assertRefused(new RawLtx(increment).page(1, new byte[PAGE_SIZE + 1]).finish(0), "decompressed");
		assertRefused(
				new RawLtx(increment).frame(1, new byte[PAGE_SIZE - 1], BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE)
					.finish(0),
				"LZ4");
		assertRefused(
				new RawLtx(increment).frame(1, new byte[PAGE_SIZE + 1], BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE)
					.finish(0),
				"LZ4");
		assertRefused(new RawLtx(increment).block(1, page, new byte[0]).finish(0), "0 bytes");
		assertRefused(new RawLtx(increment).block(1, page, new byte[531]).finish(0), "531 bytes");
	}

	@Test
	void indexOfOtherPagesIsFoundThoughEveryChecksumMatches() throws Exception {
		LtxHeader header = LtxFiles.header(PAGE_SIZE, 3, 2, 2);
		assertRefused(new RawLtx(header).entry(2, 100, 10).finish(0), "index");
		byte[] file = new RawLtx(header).page(1, new byte[PAGE_SIZE]).finish(0);
		int index = file.length - 24 - file[file.length - 17];
		for (int field = 0; field < 3; field++) {
			byte[] other = file.clone();
			other[index + field] ^= 2;
			byte[] logical = logical(other, new byte[PAGE_SIZE]);
			long crc = ByteTableCrc.of(logical, 0, logical.length);
			ByteBuffer.wrap(other).putLong(other.length - 8, crc | LtxFormat.CHECKSUM_FLAG);
			assertRefused(other, "the index does not describe the pages");
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> PageIndexTests.readPages(other));
		}
	}

	/** What the checksum of a file of one page counts. */
	private static byte[] logical(byte[] file, byte[] page) {
		int size = ByteBuffer.wrap(file).getInt(106);
		ByteBuffer bytes = ByteBuffer.allocate(file.length - size + page.length - 8);
		bytes.put(file, 0, 110).put(page).put(file, 110 + size, file.length - 8 - 110 - size);
		return bytes.array();
	}

	private static void assertRefused(byte[] file, String message) {
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> LtxFiles.read(file))
			.withMessageContaining(message);
	}

	enum Kind {

		SNAPSHOT {

			@Override
			byte[] file() throws IOException {
				return LtxFiles.write(LtxFiles.header(PAGE_SIZE, 4, 1, 3), LtxFiles.pages(PAGE_SIZE, 2, 1, 2, 3, 4));
			}

		},

		INCREMENT {

			@Override
			byte[] file() throws IOException {
				return LtxFiles.write(new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, 300, new Txid(8), new Txid(9), 5,
						0, 32, 4120, 7, 8, 9), LtxFiles.pages(PAGE_SIZE, 2, 1, 130, 131, 300));
			}

		},

		FRAMES {

			@Override
			byte[] file() throws IOException {
				RawLtx file = new RawLtx(LtxFiles.header(PAGE_SIZE, 3, 2, 3));
				file.frame(1, LtxFiles.page(PAGE_SIZE, 2), BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE,
						Bits.CONTENT_CHECKSUM);
				file.frame(2, LtxFiles.page(PAGE_SIZE, 3), BLOCKSIZE.SIZE_4MB, Bits.BLOCK_INDEPENDENCE,
						Bits.CONTENT_CHECKSUM, Bits.BLOCK_CHECKSUM, Bits.CONTENT_SIZE);
				return file.page(3, LtxFiles.page(PAGE_SIZE, 4)).finish(0);
			}

		},

		CHECKSUM_TRACKED {

			@Override
			byte[] file() throws IOException {
				byte[] page = LtxFiles.page(PAGE_SIZE, 5);
				byte[] numbered = new byte[PAGE_SIZE + 4];
				numbered[3] = 1;
				System.arraycopy(page, 0, numbered, 4, PAGE_SIZE);
				long checksum = LtxFormat.CHECKSUM_FLAG | ByteTableCrc.of(numbered, 0, numbered.length);
				return new RawLtx(new LtxHeader(0, PAGE_SIZE, 1, new Txid(1), new Txid(1), 5, 0, 0, 0, 0, 0, 0))
					.page(1, page)
					.finish(checksum);
			}

		};

		abstract byte[] file() throws IOException;

		/** Whether a byte lies within a page, behind its header. */
		boolean isCompressed(byte[] file, int position) throws IOException {
			PageIndex index = PageIndexTests.index(file);
			for (long pgno = 1; pgno <= index.header().commit(); pgno++) {
				long start = index.offset(pgno) + LtxFormat.PAGE_HEADER_SIZE;
				if (index.contains(pgno) && position >= start && position < index.offset(pgno) + index.size(pgno)) {
					return true;
				}
			}
			return false;
		}

	}

}
