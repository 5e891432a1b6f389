package dev.litestream.ltx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The pages written so far; the file's index is made from them after the last one. Pages
 * follow each other without gaps, so number and size are enough. Only the distance to the
 * previous page number and the size are kept, about 3 bytes; an index entry takes 5 to
 * 15. Not thread-safe.
 */
final class PageSizes {

	private static final int CHUNK_SIZE = 8192;

	private final List<byte[]> full = new ArrayList<>();

	private byte[] chunk = new byte[256];

	private int used;

	private long last;

	/**
	 * Adds the next page, whose number is larger than the one before, with its size in
	 * the file in bytes.
	 */
	void add(long pgno, int size) {
		// One byte stays free: a distance is never 0, so 0 ends a chunk.
		if (this.chunk.length - this.used < 2 * Uvarint.MAX_SIZE + 1) {
			grow();
		}
		this.used = Uvarint.put(this.chunk, this.used, pgno - this.last);
		this.used = Uvarint.put(this.chunk, this.used, size);
		this.last = pgno;
	}

	/**
	 * Hands the pages to a consumer in the order in which they were added.
	 */
	void forEach(Consumer consumer) throws IOException {
		Cursor cursor = new Cursor();
		for (byte[] bytes : this.full) {
			cursor.read(bytes, consumer);
		}
		cursor.read(this.chunk, consumer);
	}

	private void grow() {
		if (this.chunk.length < CHUNK_SIZE) {
			this.chunk = Arrays.copyOf(this.chunk, CHUNK_SIZE);
		}
		else {
			this.full.add(this.chunk);
			this.chunk = new byte[CHUNK_SIZE];
			this.used = 0;
		}
	}

	/**
	 * Receives pages.
	 */
	interface Consumer {

		/**
		 * Receives a page's number and its size in the file, in bytes.
		 */
		void accept(long pgno, int size) throws IOException;

	}

	private static final class Cursor {

		private int position;

		private long pgno;

		void read(byte[] bytes, Consumer consumer) throws IOException {
			this.position = 0;
			while (bytes[this.position] != 0) {
				this.pgno += next(bytes);
				consumer.accept(this.pgno, (int) next(bytes));
			}
		}

		private long next(byte[] bytes) {
			long value = 0;
			for (int shift = 0;; shift += 7) {
				byte digit = bytes[this.position++];
				value |= (digit & 0x7FL) << shift;
				if (digit >= 0) {
					return value;
				}
			}
		}

	}

}
