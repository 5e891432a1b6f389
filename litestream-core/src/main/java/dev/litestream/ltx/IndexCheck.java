package dev.litestream.ltx;

import java.io.IOException;

/**
 * Checks an index against the pages in front of it without keeping either: the pages tell
 * every byte of the index, and its checksum and size are compared. Not thread-safe.
 */
final class IndexCheck {

	private static final int PART = 256;

	private final byte[] entry = new byte[3 * Uvarint.MAX_SIZE];

	private final Crc64 expected = new Crc64();

	private long expectedSize;

	/**
	 * Takes the next page.
	 * @param pgno its number
	 * @param offset where it starts in the file
	 * @param size what it takes in the file, in bytes
	 */
	void add(long pgno, long offset, long size) {
		int end = PageIndex.putEntry(this.entry, 0, pgno, offset, size);
		this.expected.update(this.entry, 0, end);
		this.expectedSize += end;
	}

	/**
	 * Reads the index, when all pages have been taken.
	 * @param in stands at the index; afterwards behind its length
	 * @param checksum takes what is read
	 * @throws CorruptLtxException if it is not the index of the pages
	 * @throws IOException if the stream fails
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
