package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.stream.LongStream;

import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * Tests for {@link PageIndex}.
 */
class PageIndexTests {

	static PageIndex index(byte[] file) throws IOException {
		return PageIndex.read(ranged(file), file.length, "test");
	}

	/** Reads all pages by the index. */
	static void readPages(byte[] file) throws IOException {
		PageIndex index = index(file);
		byte[] page = new byte[index.header().pageSize()];
		for (long pgno = 1; pgno <= index.header().commit(); pgno++) {
			index.readPage(ranged(file), pgno, page);
		}
	}

	private static RangedFile ranged(byte[] file) {
		return (offset, length) -> new ByteArrayInputStream(file, Math.toIntExact(offset), Math.toIntExact(length));
	}

	@Test
	void everyPageIsFoundAndNoOther() throws Exception {
		long[] pgnos = LongStream.rangeClosed(1, 3000).map((i) -> i * 3).toArray();
		SortedMap<Long, byte[]> pages = LtxFiles.pages(1024, 5, pgnos);
		byte[] file = LtxFiles.write(LtxFiles.header(1024, 9500, 2, 2), pages);
		PageIndex index = index(file);
		assertThat(index.count()).isEqualTo(3000);
		assertThat(index.header()).isEqualTo(LtxFiles.header(1024, 9500, 2, 2));
		byte[] page = new byte[1024];
		long end = LtxFormat.HEADER_SIZE;
		for (long pgno = 0; pgno <= 9003; pgno++) {
			boolean held = pages.containsKey(pgno);
			assertThat(index.contains(pgno)).isEqualTo(held);
			assertThat(index.readPage(ranged(file), pgno, page)).isEqualTo(held);
			assertThat(index.offset(pgno)).isEqualTo(held ? end : -1);
			if (held) {
				assertThat(page).isEqualTo(pages.get(pgno));
				end += index.size(pgno);
			}
			else {
				assertThat(index.size(pgno)).isEqualTo(-1);
			}
		}
	}

	@Test
	void fileWithoutPagesHasAnEmptyIndex() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(1024, 9500, 2, 2), LtxFiles.pages(1024, 5));
		assertThat(index(file).count()).isZero();
		assertThat(index(file).contains(1)).isFalse();
	}

	@Test
	void pagesInFramesAreFound() throws Exception {
		byte[] page = LtxFiles.page(65536, 3);
		byte[] file = new RawLtx(LtxFiles.header(65536, 9, 2, 2))
			.frame(4, page, BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE)
			.finish(0);
		byte[] read = new byte[65536];
		assertThat(index(file).readPage(ranged(file), 4, read)).isTrue();
		assertThat(read).isEqualTo(page);
	}

	@ParameterizedTest
	@EnumSource
	void damagedFilesGiveTheRightPlacesOrAnException(LtxCorruptionTests.Kind kind) {
		assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
			byte[] file = kind.file();
			PageIndex whole = index(file);
			for (int length = 0; length < file.length; length++) {
				byte[] truncated = Arrays.copyOf(file, length);
				assertThatExceptionOfType(CorruptLtxException.class).as("%d bytes", length)
					.isThrownBy(() -> index(truncated));
			}
			byte[] page = new byte[whole.header().pageSize()];
			for (int i = 0; i < file.length; i++) {
				for (int mask : new int[] { 1, 2, 4, 8, 16, 32, 64, 128, 255 }) {
					byte[] flipped = file.clone();
					flipped[i] ^= (byte) mask;
					try {
						PageIndex index = index(flipped);
						for (long pgno = 1; pgno <= whole.header().commit(); pgno++) {
							if (index.readPage(ranged(flipped), pgno, page)) {
								assertThat(index.size(pgno)).isPositive();
							}
						}
					}
					catch (CorruptLtxException ex) {
						assertThat(ex).hasMessageStartingWith("LTX file test is corrupt");
					}
				}
			}
		});
	}

	@Test
	void pageThatIsNotWhereTheIndexSaysIsNotTaken() throws Exception {
		byte[] file = LtxFiles.write(LtxFiles.header(512, 9, 2, 2), LtxFiles.pages(512, 0, 2, 5));
		PageIndex index = index(file);
		file[(int) index.offset(5) + 3] = 6;
		assertThatExceptionOfType(CorruptLtxException.class)
			.isThrownBy(() -> index.readPage(ranged(file), 5, new byte[512]))
			.withMessageContaining("page 5");
	}

	@Test
	void fileTooShortForAnIndexIsSaidToEndEarly() throws Exception {
		byte[] empty = LtxFiles.write(LtxFiles.header(512, 9, 2, 2), LtxFiles.pages(512, 0));
		assertThat(index(empty).count()).isZero();
		for (int length = 0; length < empty.length; length++) {
			byte[] truncated = Arrays.copyOf(empty, length);
			assertThatExceptionOfType(CorruptLtxException.class).as("%d bytes", length)
				.isThrownBy(() -> index(truncated))
				.withMessage("LTX file test is corrupt at byte %d: the file ends early", length);
		}
	}

	@Test
	void entryOfAPageBehindTheEndOfPagesIsNamedByItsPlace() throws Exception {
		byte[] page = new byte[512];
		PageIndex index = index(new RawLtx(LtxFiles.header(512, 9, 2, 2)).page(1, page).finish(0));
		long end = index.offset(1) + index.size(1);
		byte[] file = new RawLtx(LtxFiles.header(512, 9, 2, 2)).page(1, page).entry(2, end, 100).finish(0);
		int behindTheEntry = file.length - LtxFormat.TRAILER_SIZE - LtxFormat.INDEX_LENGTH_FIELD - 1;
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> index(file))
			.withMessage("LTX file test is corrupt at byte %d: an index entry is not valid", behindTheEntry);
	}

	@Test
	void pageOfTheLargestSizeIsReadAndALargerOneRefused() throws Exception {
		byte[] largest = fileWithAPageOfNineBlocks(2);
		PageIndex index = index(largest);
		assertThat(index.size(4)).isEqualTo(PageCodec.bound(512) + PageFrame.MAX_OVERHEAD);
		byte[] page = new byte[512];
		assertThat(index.readPage(ranged(largest), 4, page)).isTrue();
		assertThat(page).isEqualTo(LtxFiles.page(512, 4));
		byte[] larger = fileWithAPageOfNineBlocks(3);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> index(larger))
			.withMessageContaining("an index entry is not valid");
	}

	@Test
	void numberOfMoreThan64BitsIsRefused() throws Exception {
		assertThat(Uvarint.read(uvarint("ffffffffffffffffff01"))).isEqualTo(-1);
		for (String number : new String[] { "80808080808080808002", "ffffffffffffffffff7f",
				"8080808080808080808001" }) {
			assertThatExceptionOfType(CorruptLtxException.class).as(number)
				.isThrownBy(() -> Uvarint.read(uvarint(number)));
		}
	}

	private static LtxInput uvarint(String hex) {
		return new LtxInput(new ByteArrayInputStream(HexFormat.of().parseHex(hex)), "test", 16);
	}

	/**
	 * An LZ4 frame of blocks of five bytes and a last one of the rest: a block takes four
	 * bytes more than its content, and one more if it is said to be compressed.
	 */
	private static byte[] fileWithAPageOfNineBlocks(int compressed) throws IOException {
		byte[] page = LtxFiles.page(512, 4);
		ByteBuffer frame = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
		frame.putInt(0x184D2204).put((byte) 0x60).put((byte) 0x40);
		frame.put((byte) (XXHashFactory.safeInstance().hash32().hash(frame.array(), 4, 2, 0) >>> 8));
		for (int block = 0; block < 8; block++) {
			if (block < compressed) {
				frame.putInt(6).put((byte) (5 << 4));
			}
			else {
				frame.putInt(5 | 1 << 31);
			}
			frame.put(page, block * 5, 5);
		}
		frame.putInt((512 - 40) | 1 << 31).put(page, 40, 512 - 40).putInt(0);
		return new RawLtx(LtxFiles.header(512, 9, 2, 2)).frame(4, page, Arrays.copyOf(frame.array(), frame.position()))
			.finish(0);
	}

}
