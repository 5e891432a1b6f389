package dev.litestream.ltx;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Where the pages of an LTX file lie, read from the file's end. With it single pages can
 * be read without the rest. The file checksum is not verified: a page found this way has
 * only been checked for its number and size. Immutable.
 */
public final class PageIndex {

	private final String name;

	private final LtxHeader header;

	/** Page numbers, ascending; the first {@link #size} count. */
	private int[] pgnos = new int[64];

	/** Offset of each page, and behind the last one the offset of the end of pages. */
	private long[] offsets = new long[65];

	private int size;

	private PageIndex(String name, LtxHeader header) {
		this.name = name;
		this.header = header;
	}

	/**
	 * Reads the index of a file.
	 * @param file the file
	 * @param fileSize the file's size, in bytes
	 * @param name the file's name, for messages
	 * @return the index
	 * @throws CorruptLtxException if header or index are not valid
	 * @throws IOException if the file cannot be read
	 */
	public static PageIndex read(RangedFile file, long fileSize, String name) throws IOException {
		long tail = LtxFormat.INDEX_LENGTH_FIELD + LtxFormat.TRAILER_SIZE;
		long smallest = LtxFormat.HEADER_SIZE + LtxFormat.PAGE_HEADER_SIZE + 1 + tail;
		if (fileSize < smallest) {
			throw new CorruptLtxException(name, fileSize, "the file ends early");
		}
		LtxHeader header;
		try (LtxReader reader = new LtxReader(file.open(0, LtxFormat.HEADER_SIZE), name, 0)) {
			header = reader.header();
		}
		long lengthAt = fileSize - tail;
		long length;
		try (LtxInput in = new LtxInput(file.open(lengthAt, Long.BYTES), name, Long.BYTES)) {
			in.require(Long.BYTES);
			length = in.longAt(0);
		}
		if (length < 1 || length > fileSize - smallest + 1) {
			throw new CorruptLtxException(name, lengthAt, "an index of " + Long.toUnsignedString(length) + " bytes");
		}
		PageIndex index = new PageIndex(name, header);
		long end = lengthAt - length - LtxFormat.PAGE_HEADER_SIZE;
		try (InputStream in = file.open(end, LtxFormat.PAGE_HEADER_SIZE + length)) {
			index.readEntries(new LtxInput(in, name, 8192), end, length);
		}
		return index;
	}

	/**
	 * The file's header.
	 * @return the header
	 */
	public LtxHeader header() {
		return this.header;
	}

	/**
	 * How many pages the file holds.
	 * @return the number of pages
	 */
	public int count() {
		return this.size;
	}

	/**
	 * Whether the file holds a page.
	 * @param pgno a page number
	 * @return whether it does
	 */
	public boolean contains(long pgno) {
		return find(pgno) >= 0;
	}

	/**
	 * Where a page starts in the file.
	 * @param pgno a page number
	 * @return its offset in bytes, or -1 if the file does not hold it
	 */
	public long offset(long pgno) {
		int i = find(pgno);
		return (i >= 0) ? this.offsets[i] : -1;
	}

	/**
	 * How much of the file a page takes, its header included.
	 * @param pgno a page number
	 * @return its size in bytes, or -1 if the file does not hold it
	 */
	public int size(long pgno) {
		int i = find(pgno);
		return (i >= 0) ? (int) (this.offsets[i + 1] - this.offsets[i]) : -1;
	}

	/**
	 * Reads one page.
	 * @param file the file that this index was read from
	 * @param pgno a page number
	 * @param page receives the page, at least one page long
	 * @return whether the file holds the page
	 * @throws CorruptLtxException if there is another page or none at the offset
	 * @throws IOException if the file cannot be read
	 */
	public boolean readPage(RangedFile file, long pgno, byte[] page) throws IOException {
		int i = find(pgno);
		if (i < 0) {
			return false;
		}
		int length = (int) (this.offsets[i + 1] - this.offsets[i]);
		int capacity = PageCodec.bound(this.header.pageSize()) + PageFrame.MAX_OVERHEAD;
		try (LtxInput in = new LtxInput(file.open(this.offsets[i], length), this.name, capacity)) {
			in.require(length);
			int flags = in.shortAt(4);
			if (Integer.toUnsignedLong(in.intAt(0)) != pgno || (flags & ~LtxFormat.SIZE_PREFIX) != 0) {
				throw new CorruptLtxException(this.name, this.offsets[i],
						"page " + pgno + " is not where it should be");
			}
			in.skip(LtxFormat.PAGE_HEADER_SIZE);
			if (flags == LtxFormat.SIZE_PREFIX) {
				PageCodec.FASTEST.readBlock(in, pgno, page, this.header.pageSize());
			}
			else {
				PageFrame.read(in, page, this.header.pageSize());
			}
			if (in.offset() != length) {
				throw new CorruptLtxException(this.name, this.offsets[i], "page " + pgno + " has another size");
			}
		}
		return true;
	}

	/**
	 * Writes an entry at a position of an array, which needs room for three times
	 * {@link Uvarint#MAX_SIZE}. Returns where the entry ends.
	 */
	static int putEntry(byte[] bytes, int position, long pgno, long offset, long size) {
		int end = Uvarint.put(bytes, position, pgno);
		end = Uvarint.put(bytes, end, offset);
		return Uvarint.put(bytes, end, size);
	}

	private void readEntries(LtxInput in, long end, long length) throws IOException {
		in.require(LtxFormat.PAGE_HEADER_SIZE);
		if (in.intAt(0) != 0 || in.shortAt(4) != 0) {
			throw new CorruptLtxException(this.name, end, "no end of pages before the index");
		}
		in.skip(LtxFormat.PAGE_HEADER_SIZE);
		PageOrder order = new PageOrder(this.header);
		long next = LtxFormat.HEADER_SIZE;
		for (long pgno = Uvarint.read(in); pgno != 0; pgno = Uvarint.read(in)) {
			String fault = order.accept(pgno);
			long offset = Uvarint.read(in);
			long size = Uvarint.read(in);
			if (fault != null || offset != next || size < LtxFormat.PAGE_HEADER_SIZE || size > end - offset
					|| size > PageCodec.bound(this.header.pageSize()) + PageFrame.MAX_OVERHEAD) {
				throw new CorruptLtxException(this.name, end + in.offset(), "an index entry is not valid");
			}
			add(pgno, offset);
			next = offset + size;
		}
		this.offsets[this.size] = next;
		if (next != end || in.offset() != LtxFormat.PAGE_HEADER_SIZE + length || order.end() != null) {
			throw new CorruptLtxException(this.name, end, "the index does not describe the pages");
		}
	}

	private void add(long pgno, long offset) {
		if (this.size == this.pgnos.length) {
			int larger = this.size + (this.size >> 1);
			this.pgnos = Arrays.copyOf(this.pgnos, larger);
			this.offsets = Arrays.copyOf(this.offsets, larger + 1);
		}
		this.pgnos[this.size] = (int) pgno;
		this.offsets[this.size++] = offset;
	}

	private int find(long pgno) {
		int low = 0;
		int high = this.size - 1;
		while (low <= high) {
			int middle = (low + high) >>> 1;
			long found = Integer.toUnsignedLong(this.pgnos[middle]);
			if (found == pgno) {
				return middle;
			}
			if (found < pgno) {
				low = middle + 1;
			}
			else {
				high = middle - 1;
			}
		}
		return -1;
	}

}
