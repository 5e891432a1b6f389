package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.litestream.Txid;

/**
 * LTX files in memory for tests.
 */
final class LtxFiles {

	private LtxFiles() {
	}

	static LtxHeader header(int pageSize, long commit, long min, long max) {
		return new LtxHeader(LtxFormat.NO_CHECKSUM, pageSize, commit, new Txid(min), new Txid(max), 1000 + max, 0, 0, 0,
				0, 0, 0);
	}

	/**
	 * A page that differs from seed to seed: every third random throughout, every third
	 * empty, the others half and half.
	 */
	static byte[] page(int pageSize, long seed) {
		byte[] page = new byte[pageSize];
		Random random = new Random(seed);
		if (seed % 3 == 0) {
			random.nextBytes(page);
		}
		else if (seed % 3 == 1) {
			byte[] half = new byte[pageSize / 2];
			random.nextBytes(half);
			System.arraycopy(half, 0, page, 0, half.length);
		}
		page[0] = (byte) seed;
		return page;
	}

	static SortedMap<Long, byte[]> pages(int pageSize, long seed, long... pgnos) {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		for (long pgno : pgnos) {
			pages.put(pgno, page(pageSize, seed + pgno));
		}
		return pages;
	}

	static byte[] write(LtxHeader header, Map<Long, byte[]> pages) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
				writer.writePage(page.getKey(), page.getValue(), 0);
			}
			long size = writer.finish();
			if (size != out.size()) {
				throw new AssertionError("said " + size + ", wrote " + out.size());
			}
		}
		return out.toByteArray();
	}

	/** A stream that gives no more than one byte at a time, as a slow network may. */
	static InputStream byteByByte(byte[] bytes) {
		return new ByteArrayInputStream(bytes) {

			@Override
			public int read(byte[] target, int offset, int length) {
				return super.read(target, offset, Math.min(length, 1));
			}

		};
	}

	static LtxReader reader(byte[] file) throws IOException {
		return new LtxReader(new ByteArrayInputStream(file), "test");
	}

	/** Reads to the verified end. */
	static SortedMap<Long, byte[]> read(byte[] file) throws IOException {
		try (LtxReader reader = reader(file)) {
			return read(reader);
		}
	}

	static SortedMap<Long, byte[]> read(LtxReader reader) throws IOException {
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		byte[] page = new byte[reader.header().pageSize()];
		for (long pgno = reader.nextPage(page); pgno != 0; pgno = reader.nextPage(page)) {
			pages.put(pgno, page.clone());
		}
		return pages;
	}

	static SortedMap<Long, byte[]> merge(List<byte[]> files) throws IOException {
		List<LtxReader> readers = new java.util.ArrayList<>();
		for (byte[] file : files) {
			readers.add(new LtxReader(new ByteArrayInputStream(file), "file" + readers.size(), 0));
		}
		SortedMap<Long, byte[]> pages = new TreeMap<>();
		try (PageMerge merge = new PageMerge(readers)) {
			byte[] page = new byte[merge.header().pageSize()];
			for (long pgno = merge.nextPage(page); pgno != 0; pgno = merge.nextPage(page)) {
				pages.put(pgno, page.clone());
			}
		}
		return pages;
	}

}
