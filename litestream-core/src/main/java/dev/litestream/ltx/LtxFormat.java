package dev.litestream.ltx;

/**
 * The LTX format, version 3: the changed pages of a range of TXIDs, the file format of
 * Litestream 0.5.
 *
 * <p>
 * All integers are big-endian and unsigned unless noted; {@code uvarint} is 7 bits per
 * byte, lowest first, the top bit meaning that more follow. A file is <pre>
 * file    = header page* end index trailer
 *
 * header  = 100 bytes
 *    0  4  magic "LTX1"
 *    4  4  flags; {@link #NO_CHECKSUM} is the only one
 *    8  4  page size, a power of two from 512 to 65536
 *   12  4  commit: size of the database after this file, in pages
 *   16  8  minimum TXID, at least 1
 *   24  8  maximum TXID, at least the minimum
 *   32  8  timestamp, milliseconds since the epoch, signed
 *   40  8  pre-apply checksum, or 0
 *   48  8  WAL offset, signed, not negative
 *   56  8  WAL size, signed, not negative
 *   64  4  WAL salt 1
 *   68  4  WAL salt 2
 *   72  8  node id
 *   80 20  reserved: written as zeros, ignored by readers
 *
 * page    = pgno(4) flags(2) size(4) data(size)      flags = {@link #SIZE_PREFIX}
 *         | pgno(4) flags(2) frame                   flags = 0
 *   data    an LZ4 block of one page
 *   frame   an LZ4 frame of one page, as Litestream wrote before 0.5.16
 *
 * end     = 6 zero bytes
 *
 * index   = entry* uvarint(0) length(8)
 *   entry   uvarint(pgno) uvarint(offset of the page in the file) uvarint(its size)
 *   length  bytes of the entries and of the 0 after them
 *
 * trailer = 16 bytes
 *    0  8  post-apply checksum, or 0
 *    8  8  file checksum
 * </pre>
 *
 * <p>
 * A file is valid if
 * <ol>
 * <li>the WAL offset is not 0 where a salt or the WAL size is not 0;</li>
 * <li>page numbers ascend strictly, lie between 1 and commit, and none is the
 * {@linkplain #lockPage lock page};</li>
 * <li>a snapshot, that is a file with minimum TXID 1, holds every page from 1 to commit
 * except the lock page;</li>
 * <li>the index has one entry for each page, in the order of the pages;</li>
 * <li>the file checksum is {@link #CHECKSUM_FLAG} or-ed with the {@link Crc64} of header,
 * pages, end, index and post-apply checksum, where a page counts as its header, its size
 * field if it has one, and its <em>uncompressed</em> content;</li>
 * <li>with {@link #NO_CHECKSUM}, pre- and post-apply checksum are 0. Without it both
 * carry {@link #CHECKSUM_FLAG}, except that a snapshot's pre-apply checksum is 0; its
 * post-apply checksum is {@link #CHECKSUM_FLAG} or-ed with the exclusive-or of the
 * {@link Crc64} of each page (pgno as 4 bytes, then content);</li>
 * <li>nothing follows the trailer.</li>
 * </ol>
 *
 * <p>
 * {@link LtxReader} reads all of this. {@link LtxWriter} writes {@link #NO_CHECKSUM} and
 * {@link #SIZE_PREFIX} always, as Litestream does.
 */
public final class LtxFormat {

	/** Header flag: pages carry no rolling checksum. Litestream always sets it. */
	public static final int NO_CHECKSUM = 1 << 1;

	/** Page flag: a size and an LZ4 block follow, not an LZ4 frame. */
	public static final int SIZE_PREFIX = 1;

	/** Set in every checksum, so that 0 can mean "none". */
	public static final long CHECKSUM_FLAG = 1L << 63;

	/** The first four bytes, "LTX1". */
	public static final int MAGIC = 0x4C545831;

	/** Size of the header, in bytes. */
	public static final int HEADER_SIZE = 100;

	/** Size of a page's number and flags, in bytes. */
	public static final int PAGE_HEADER_SIZE = 6;

	/** Size of a page's size field, in bytes. */
	public static final int PAGE_SIZE_FIELD = 4;

	/** Size of the index' length field, in bytes. */
	public static final int INDEX_LENGTH_FIELD = 8;

	/** Size of the trailer, in bytes. */
	public static final int TRAILER_SIZE = 16;

	/** The largest page number and commit. */
	public static final long MAX_PGNO = 0xFFFF_FFFFL;

	private LtxFormat() {
	}

	/**
	 * The page at the 1 GiB lock byte; SQLite never uses it, no LTX file holds it.
	 * @param pageSize page size in bytes
	 * @return its page number
	 */
	public static long lockPage(int pageSize) {
		return 0x40000000L / pageSize + 1;
	}

	/**
	 * The most pages that files of a size can hold. It keeps a reader from allocating
	 * memory for a database that only claims to be large. Each page takes at least its
	 * header, its smallest LZ4 block and an entry of the index.
	 * @param bytes size of all files together, in bytes
	 * @param pageSize page size, in bytes
	 * @return the number of pages of a database made of them, the lock page included
	 */
	public static long mostPages(long bytes, int pageSize) {
		return bytes / (PAGE_HEADER_SIZE + pageSize / 256 + 3) + 1;
	}

	/**
	 * Whether SQLite knows this page size.
	 * @param pageSize a page size in bytes
	 * @return whether it is a power of two from 512 to 65536
	 */
	public static boolean isPageSize(int pageSize) {
		return pageSize >= 512 && pageSize <= 65536 && Integer.bitCount(pageSize) == 1;
	}

}
