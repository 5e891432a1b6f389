package dev.litestream.continuity;

import java.nio.ByteBuffer;
import java.util.Arrays;

import dev.litestream.Txid;
import dev.litestream.ltx.Crc64;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.sqlite.DatabaseHeader;
import org.jspecify.annotations.Nullable;

/**
 * The header of {@link PageHashes}. {@code generation} grows with every header written;
 * the newest valid one counts. The hashes are those of {@code txid}, with {@code pages}
 * pages; single hashes may be newer, up to {@code ahead}, which differs from {@code txid}
 * only if an update was interrupted. {@code trailer} is the checksum at the end of the
 * LTX file that ends at {@code txid}, or 0. {@code restored} says that a restore wrote
 * the hashes and nothing was synced since. {@code first} holds the first
 * {@link DatabaseHeader#SIZE} bytes of the database, zeros if unknown.
 */
record PageHashesHeader(long generation, Txid txid, Txid ahead, int pageSize, long pages, long trailer,
		boolean restored, byte[] first) {

	/** Length of the encoded header, in bytes. */
	static final int SIZE = 156;

	private static final int MAGIC = 0x4c545850;

	static PageHashesHeader empty(Txid txid, int pageSize) {
		return new PageHashesHeader(0, txid, txid, pageSize, 0, 0, false, new byte[DatabaseHeader.SIZE]);
	}

	/** The header of an update that has begun. */
	PageHashesHeader updating(Txid ahead) {
		return new PageHashesHeader(this.generation + 1, this.txid, Txid.max(ahead, this.ahead), this.pageSize,
				this.pages, this.trailer, this.restored, this.first);
	}

	/** The header of an update that is complete. */
	PageHashesHeader updated(Txid txid, long pages, long trailer, byte[] first) {
		return new PageHashesHeader(this.generation + 1, txid, txid, this.pageSize, pages, trailer, false, first);
	}

	/** The same, for a restored database. */
	PageHashesHeader asRestored() {
		return new PageHashesHeader(this.generation, this.txid, this.ahead, this.pageSize, this.pages, this.trailer,
				true, this.first);
	}

	@Nullable DatabaseHeader database() {
		return DatabaseHeader.of(this.first);
	}

	byte[] encode() {
		ByteBuffer buffer = ByteBuffer.allocate(SIZE);
		buffer.putInt(MAGIC).putInt(this.restored ? 1 : 0).putLong(this.generation);
		buffer.putLong(this.txid.value()).putLong(this.ahead.value());
		buffer.putInt(this.pageSize).putInt((int) this.pages).putLong(this.trailer);
		buffer.put(this.first, 0, DatabaseHeader.SIZE).putLong(checksum(buffer.array(), buffer.position()));
		return buffer.array();
	}

	/** Decodes a header, or returns {@code null} if it is not whole. */
	static @Nullable PageHashesHeader decode(byte[] bytes) {
		ByteBuffer buffer = ByteBuffer.wrap(bytes);
		if (bytes.length < SIZE || buffer.getInt() != MAGIC
				|| buffer.getLong(SIZE - Long.BYTES) != checksum(bytes, SIZE - Long.BYTES)) {
			return null;
		}
		boolean restored = buffer.getInt() == 1;
		long generation = buffer.getLong();
		Txid txid = new Txid(buffer.getLong());
		Txid ahead = new Txid(buffer.getLong());
		int pageSize = buffer.getInt();
		long pages = Integer.toUnsignedLong(buffer.getInt());
		long trailer = buffer.getLong();
		byte[] first = Arrays.copyOfRange(bytes, buffer.position(), buffer.position() + DatabaseHeader.SIZE);
		return LtxFormat.isPageSize(pageSize)
				? new PageHashesHeader(generation, txid, ahead, pageSize, pages, trailer, restored, first) : null;
	}

	private static long checksum(byte[] bytes, int length) {
		Crc64 crc = new Crc64();
		crc.update(bytes, 0, length);
		return crc.value();
	}

}
