package dev.litestream.ltx;

import java.io.IOException;

/**
 * Checks an index against the pages in front of it without keeping either: the pages
 * determine every byte of the index, so comparing checksum and size is enough. Not
 * thread-safe.
 */
final class IndexCheck {

	private static final int PART = 256;

	private final byte[] entry = new byte[3 * Uvarint.MAX_SIZE];

	private final Crc64 expected = new Crc64();

	private long expectedSize;

	/**
	 * Takes the next page: its number, its offset in the file and its size there, in
	 * bytes.
	 */
	void add(long pgno, long offset, long size) {
		int end = PageIndex.putEntry(this.entry, 0, pgno, offset, size);
		this.expected.update(this.entry, 0, end);
		this.expectedSize += end;
	}

	/**
	 * Reads the index once all pages have been taken, and adds it to the checksum. The
	 * input stands at the index and is left behind its length. Throws
	 * {@link CorruptLtxException} if it is not the index of the pages.
	 */
	void read(LtxInput in, Crc64 checksum) throws IOException {
		this.entry[0] = 0;
		this.expected.update(this.entry, 0, 1);
		long size = this.expectedSize + 1;
		Crc64 actual = new Crc64();
		for (long rest = size; rest > 0;) {
			int part = (int) Math.min(rest, PART);
			in.require(part);
			actual.update(in.buffer(), in.position(), part);
			checksum.update(in.buffer(), in.position(), part);
			in.skip(part);
			rest -= part;
		}
		in.require(LtxFormat.INDEX_LENGTH_FIELD);
		if (actual.value() != this.expected.value() || in.longAt(0) != size) {
			throw in.corrupt("the index does not describe the pages");
		}
		checksum.update(in.buffer(), in.position(), LtxFormat.INDEX_LENGTH_FIELD);
		in.skip(LtxFormat.INDEX_LENGTH_FIELD);
	}

}
