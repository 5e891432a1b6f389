package dev.litestream.ltx;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;

/**
 * Builds LTX files byte by byte after the description in {@link LtxFormat}, rules
 * unchecked: an implementation of its own to hold the reader against.
 */
final class RawLtx {

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	private final DataOutputStream file = new DataOutputStream(this.bytes);

	private final ByteTableCrc crc = new ByteTableCrc();

	private final ByteArrayOutputStream index = new ByteArrayOutputStream();

	RawLtx(LtxHeader header) throws IOException {
		byte[] encoded = new byte[100];
		header.encode(encoded, 0);
		hashed(encoded);
	}

	/** Adds a page as an LZ4 block. */
	RawLtx page(long pgno, byte[] page) throws IOException {
		return block(pgno, page, LZ4Factory.safeInstance().highCompressor().compress(page));
	}

	RawLtx block(long pgno, byte[] page, byte[] block) throws IOException {
		long offset = this.bytes.size();
		hashed(new byte[] { (byte) (pgno >>> 24), (byte) (pgno >>> 16), (byte) (pgno >>> 8), (byte) pgno, 0, 1 });
		hashed(new byte[] { (byte) (block.length >>> 24), (byte) (block.length >>> 16), (byte) (block.length >>> 8),
				(byte) block.length });
		this.file.write(block);
		return added(pgno, page, offset);
	}

	/** Adds a page as an LZ4 frame. */
	RawLtx frame(long pgno, byte[] page, LZ4FrameOutputStream.BLOCKSIZE blockSize,
			LZ4FrameOutputStream.FLG.Bits... bits) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		boolean sized = java.util.List.of(bits).contains(LZ4FrameOutputStream.FLG.Bits.CONTENT_SIZE);
		try (LZ4FrameOutputStream frame = new LZ4FrameOutputStream(out, blockSize, sized ? page.length : -1L, bits)) {
			frame.write(page);
		}
		return frame(pgno, page, out.toByteArray());
	}

	RawLtx frame(long pgno, byte[] page, byte[] frame) throws IOException {
		long offset = this.bytes.size();
		hashed(new byte[] { (byte) (pgno >>> 24), (byte) (pgno >>> 16), (byte) (pgno >>> 8), (byte) pgno, 0, 0 });
		this.file.write(frame);
		return added(pgno, page, offset);
	}

	/** Adds an index entry for which there is no page. */
	RawLtx entry(long pgno, long offset, long size) {
		uvarint(pgno);
		uvarint(offset);
		uvarint(size);
		return this;
	}

	byte[] finish(long postApplyChecksum) throws IOException {
		hashed(new byte[6]);
		this.index.write(0);
		hashed(this.index.toByteArray());
		ByteArrayOutputStream tail = new ByteArrayOutputStream();
		new DataOutputStream(tail).writeLong(this.index.size());
		new DataOutputStream(tail).writeLong(postApplyChecksum);
		hashed(tail.toByteArray());
		this.file.writeLong(this.crc.value() | 1L << 63);
		return this.bytes.toByteArray();
	}

	private RawLtx added(long pgno, byte[] page, long offset) {
		this.crc.update(page, 0, page.length);
		return entry(pgno, offset, this.bytes.size() - offset);
	}

	private void hashed(byte[] part) throws IOException {
		this.file.write(part);
		this.crc.update(part, 0, part.length);
	}

	private void uvarint(long value) {
		for (long rest = value; rest != 0 || value == 0; rest >>>= 7) {
			this.index.write((int) ((rest >>> 7 != 0) ? rest & 0x7F | 0x80 : rest));
			if (value == 0) {
				return;
			}
		}
	}

}
