package dev.litestream.ltx;

/**
 * Constants of the LTX format, version 3.
 */
public final class LtxFormat {

	/** Header flag: pages carry no rolling checksum. Litestream always sets it. */
	public static final int NO_CHECKSUM = 1 << 1;

	/** Size of the header, in bytes. */
	public static final int HEADER_SIZE = 100;

	/** Size of the trailer, in bytes. */
	public static final int TRAILER_SIZE = 16;

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

}
