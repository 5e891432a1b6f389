package dev.litestream.ltx;

import java.nio.ByteBuffer;
import java.time.Instant;

import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;

/**
 * The 100-byte header of an LTX file; always valid.
 *
 * @param flags header flags; {@link LtxFormat#NO_CHECKSUM} is the only one
 * @param pageSize page size in bytes, a power of two from 512 to 65536
 * @param commit size of the database after this file, in pages
 * @param minTxid first position, at least 1
 * @param maxTxid last position, at least {@code minTxid}
 * @param timestamp milliseconds since the epoch
 * @param preApplyChecksum rolling checksum before, or 0
 * @param walOffset offset in the WAL of the first frame that this file holds, or 0
 * @param walSize bytes of the WAL that this file holds, or 0
 * @param walSalt1 first salt of that WAL, or 0
 * @param walSalt2 second salt of that WAL, or 0
 * @param nodeId the writer's id, or 0
 */
public record LtxHeader(int flags, int pageSize, long commit, Txid minTxid, Txid maxTxid, long timestamp,
		long preApplyChecksum, long walOffset, long walSize, int walSalt1, int walSalt2, long nodeId) {

	/**
	 * Checks the rules of the format.
	 * @throws IllegalArgumentException if the header breaks one
	 */
	public LtxHeader {
		String fault = fault(flags, pageSize, commit, minTxid, maxTxid);
		if (fault == null) {
			fault = checksumFault(flags, minTxid, preApplyChecksum);
		}
		if (fault == null) {
			fault = walFault(walOffset, walSize, walSalt1, walSalt2);
		}
		if (fault != null) {
			throw new IllegalArgumentException("Not an LTX header: " + fault);
		}
	}

	/**
	 * Reads a header.
	 * @param bytes holds the header's {@link LtxFormat#HEADER_SIZE} bytes
	 * @param offset index of the first
	 * @return the header
	 * @throws IllegalArgumentException if it is not a valid header
	 */
	public static LtxHeader decode(byte[] bytes, int offset) {
		ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, LtxFormat.HEADER_SIZE);
		if (buffer.getInt() != LtxFormat.MAGIC) {
			throw new IllegalArgumentException("Not an LTX header: it does not start with LTX1");
		}
		return new LtxHeader(buffer.getInt(), buffer.getInt(), Integer.toUnsignedLong(buffer.getInt()),
				new Txid(buffer.getLong()), new Txid(buffer.getLong()), buffer.getLong(), buffer.getLong(),
				buffer.getLong(), buffer.getLong(), buffer.getInt(), buffer.getInt(), buffer.getLong());
	}

	/**
	 * Writes this header.
	 * @param bytes receives {@link LtxFormat#HEADER_SIZE} bytes
	 * @param offset index of the first
	 */
	public void encode(byte[] bytes, int offset) {
		ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, LtxFormat.HEADER_SIZE);
		buffer.putInt(LtxFormat.MAGIC).putInt(this.flags).putInt(this.pageSize).putInt((int) this.commit);
		buffer.putLong(this.minTxid.value()).putLong(this.maxTxid.value());
		buffer.putLong(this.timestamp).putLong(this.preApplyChecksum);
		buffer.putLong(this.walOffset).putLong(this.walSize).putInt(this.walSalt1).putInt(this.walSalt2);
		buffer.putLong(this.nodeId);
		while (buffer.hasRemaining()) {
			buffer.put((byte) 0);
		}
	}

	/**
	 * The timestamp as an instant.
	 * @return the timestamp
	 */
	public Instant createdAt() {
		return Instant.ofEpochMilli(this.timestamp);
	}

	/**
	 * Whether this file holds the whole database (its history starts at TXID 1).
	 * @return whether it is a snapshot
	 */
	public boolean isSnapshot() {
		return this.minTxid.equals(Txid.FIRST);
	}

	/**
	 * Whether the file carries rolling checksums of the database before and after it.
	 * @return whether {@link LtxFormat#NO_CHECKSUM} is not set
	 */
	public boolean tracksChecksum() {
		return (this.flags & LtxFormat.NO_CHECKSUM) == 0;
	}

	private static @Nullable String fault(int flags, int pageSize, long commit, Txid minTxid, Txid maxTxid) {
		if ((flags & ~LtxFormat.NO_CHECKSUM) != 0) {
			return "unknown flags 0x" + Integer.toHexString(flags);
		}
		if (!LtxFormat.isPageSize(pageSize)) {
			return "page size " + Integer.toUnsignedString(pageSize) + " is not a power of two from 512 to 65536";
		}
		if (commit < 0 || commit > LtxFormat.MAX_PGNO) {
			return "commit " + commit + " is not a number of pages";
		}
		if (minTxid.isZero()) {
			return "the minimum TXID is 0";
		}
		if (minTxid.isAfter(maxTxid)) {
			return "the minimum TXID " + minTxid + " lies after the maximum " + maxTxid;
		}
		return null;
	}

	private static @Nullable String checksumFault(int flags, Txid minTxid, long preApplyChecksum) {
		if (minTxid.equals(Txid.FIRST)) {
			return (preApplyChecksum != 0) ? "a snapshot has a pre-apply checksum" : null;
		}
		if ((flags & LtxFormat.NO_CHECKSUM) != 0) {
			return (preApplyChecksum != 0) ? "a file without checksums has a pre-apply checksum" : null;
		}
		if ((preApplyChecksum & LtxFormat.CHECKSUM_FLAG) == 0) {
			return "the pre-apply checksum is missing";
		}
		return null;
	}

	private static @Nullable String walFault(long walOffset, long walSize, int walSalt1, int walSalt2) {
		if (walOffset < 0) {
			return "the WAL offset " + walOffset + " is negative";
		}
		if (walSize < 0) {
			return "the WAL size " + walSize + " is negative";
		}
		if (walOffset == 0 && (walSize != 0 || walSalt1 != 0 || walSalt2 != 0)) {
			return "it has a WAL size or salt but no WAL offset";
		}
		return null;
	}

}
