package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.SortedMap;

import com.sun.management.ThreadMXBean;
import dev.litestream.Txid;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever bytes a file has, reading it, merging it and reading its index end with its
 * pages or an {@link IOException}, soon, and in little memory. Inputs are files of our
 * own with bytes changed, and files of which header, page numbers, blocks and index are
 * made up while all checksums are right. The system property {@code fuzz.inputs} sets how
 * many there are, {@code fuzz.seed} repeats them.
 */
class LtxFuzzTests {

	private static final int INPUTS = Integer.getInteger("fuzz.inputs", 100_000);

	private static final long SEED = Long.getLong("fuzz.seed", 1);

	/** Pages of 64 KB and the buffers for them are the most, and classes at the first. */
	private static final long MOST_MEMORY = 16L << 20;

	private static final int[] PAGE_SIZES = { 512, 512, 512, 1024, 4096, 65536 };

	private static final long[] NUMBERS = { 0, 1, 2, 3, 255, 65535, 65536, 2_097_153, Integer.MAX_VALUE, 0x8000_0000L,
			0xFFFF_FFFEL, 0xFFFF_FFFFL, -1, Long.MAX_VALUE, Long.MIN_VALUE };

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@Test
	void everyInputEndsWithPagesOrAnExceptionInLittleMemory() throws Exception {
		List<byte[]> good = goodFiles();
		for (int i = 0; i < INPUTS; i++) {
			SplittableRandom random = new SplittableRandom(SEED + i);
			byte[] file = random.nextInt(3) == 0 ? madeUp(random)
					: changed(good.get(random.nextInt(good.size())), random);
			byte[] other = good.get(random.nextInt(good.size()));
			long before = THREADS.getCurrentThreadAllocatedBytes();
			try {
				read(file);
				readIndex(file, random);
				merge(random.nextBoolean() ? List.of(file, other) : List.of(other, file));
			}
			catch (RuntimeException | Error ex) {
				throw new AssertionError("Input " + (SEED + i) + " (-Dfuzz.seed): " + ex, ex);
			}
			long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
			if (allocated > MOST_MEMORY) {
				throw new AssertionError("Input " + (SEED + i) + " (-Dfuzz.seed) took " + allocated + " bytes");
			}
		}
	}

	private static void read(byte[] file) {
		try {
			LtxReader.verify(new ByteArrayInputStream(file), "test");
		}
		catch (IOException ex) {
			assertThat(ex).isInstanceOf(CorruptLtxException.class);
		}
	}

	private static void readIndex(byte[] file, SplittableRandom random) {
		RangedFile ranged = (offset, length) -> new ByteArrayInputStream(file, (int) Math.min(offset, file.length),
				(int) Math.min(length, Integer.MAX_VALUE));
		try {
			PageIndex index = PageIndex.read(ranged, file.length, "test");
			byte[] page = new byte[index.header().pageSize()];
			for (long pgno = 1; pgno <= Math.min(5, index.header().commit()); pgno++) {
				index.readPage(ranged, pgno, page);
			}
			index.readPage(ranged, number(random), page);
		}
		catch (IOException ex) {
			assertThat(ex).isInstanceOf(CorruptLtxException.class);
		}
	}

	private static void merge(List<byte[]> files) {
		List<LtxReader> readers = new ArrayList<>();
		try {
			for (byte[] file : files) {
				readers.add(new LtxReader(new ByteArrayInputStream(file), "test", 512));
			}
			try (PageMerge merge = new PageMerge(readers)) {
				byte[] page = new byte[merge.header().pageSize()];
				while (merge.nextPage(page) != 0) {
					// to the end
				}
			}
		}
		catch (IOException ex) {
			assertThat(ex).isInstanceOf(CorruptLtxException.class);
		}
		catch (IllegalArgumentException ex) {
			assertThat(ex).hasMessageContaining("cannot be merged");
		}
	}

	private static List<byte[]> goodFiles() throws IOException {
		List<byte[]> files = new ArrayList<>();
		for (int pageSize : PAGE_SIZES) {
			SortedMap<Long, byte[]> pages = LtxFiles.pages(pageSize, pageSize, 1, 2, 3, 4);
			files.add(LtxFiles.write(LtxFiles.header(pageSize, 4, 1, 1), pages));
			files.add(LtxFiles.write(LtxFiles.header(pageSize, 9, 2, 2), LtxFiles.pages(pageSize, 7, 2, 9)));
			files.add(new RawLtx(LtxFiles.header(pageSize, 4, 2, 3))
				.frame(3, LtxFiles.page(pageSize, 4), BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE)
				.finish(0));
		}
		return files;
	}

	private static byte[] changed(byte[] good, SplittableRandom random) {
		byte[] file = good.clone();
		for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
			// headers and the index are where lengths are
			int at = switch (random.nextInt(4)) {
				case 0 -> random.nextInt(Math.min(file.length, LtxFormat.HEADER_SIZE + 16));
				case 1 -> file.length - 1 - random.nextInt(Math.min(file.length, 64));
				default -> random.nextInt(file.length);
			};
			switch (random.nextInt(6)) {
				case 0, 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
				case 2 -> file[at] = (byte) random.nextInt();
				case 3 -> {
					if (at + Integer.BYTES <= file.length) {
						BigEndian.putInt(file, at, (int) number(random));
					}
				}
				case 4 -> file = Arrays.copyOf(file, Math.max(1, at));
				default -> file = Arrays.copyOf(file, file.length + 1 + random.nextInt(64));
			}
		}
		return file;
	}

	/** All checksums are right, whatever they are of. */
	private static byte[] madeUp(SplittableRandom random) throws IOException {
		int pageSize = PAGE_SIZES[random.nextInt(PAGE_SIZES.length)];
		RawLtx file;
		try {
			file = new RawLtx(new LtxHeader(random.nextInt(8) == 0 ? 0 : LtxFormat.NO_CHECKSUM, pageSize,
					number(random) & LtxFormat.MAX_PGNO, new Txid(number(random)), new Txid(number(random)),
					number(random), 0, number(random), number(random), random.nextInt(), random.nextInt(),
					number(random)));
		}
		catch (IllegalArgumentException ex) {
			file = new RawLtx(LtxFiles.header(pageSize, number(random) & LtxFormat.MAX_PGNO, 2, 2));
		}
		for (int pages = random.nextInt(4); pages > 0; pages--) {
			long pgno = number(random);
			byte[] page = LtxFiles.page(pageSize, random.nextInt(100));
			switch (random.nextInt(6)) {
				case 0 -> {
					byte[] block = new byte[random.nextInt(100)];
					for (int i = 0; i < block.length; i++) {
						block[i] = (byte) random.nextInt();
					}
					file.block(pgno, page, block);
				}
				case 1 -> file.frame(pgno, page, BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE);
				case 2 -> file.entry(number(random), number(random), number(random));
				default -> file.page(pgno, page);
			}
		}
		return file.finish((random.nextInt(4) == 0) ? number(random) : 0);
	}

	private static long number(SplittableRandom random) {
		return switch (random.nextInt(4)) {
			case 0 -> NUMBERS[random.nextInt(NUMBERS.length)];
			case 1 -> random.nextLong();
			default -> random.nextInt(8);
		};
	}

}
