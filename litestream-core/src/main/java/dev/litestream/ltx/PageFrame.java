package dev.litestream.ltx;

import java.io.IOException;

import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Reads a page from an LZ4 frame, as Litestream wrote pages before 0.5.16. The frame's
 * size is not stored anywhere, so the frame is parsed here, block by block, and no byte
 * beyond it is read. <pre>
 * frame  = magic(4) FLG(1) BD(1) [content size(8)] HC(1) block* 0(4) [content checksum(4)]
 * block  = size(4) data(size) [checksum(4)]
 * </pre> Integers are little-endian; the top bit of a block's size means that the data is
 * not compressed. Checksums are xxHash-32, HC the second lowest byte of one. Dictionaries
 * and blocks that refer to the block before them are refused: no LTX writer produced
 * them.
 */
final class PageFrame {

	/**
	 * The most bytes that a page of one block needs in addition to the block: page
	 * header, magic, descriptor, block size, two checksums, end.
	 */
	static final int MAX_OVERHEAD = LtxFormat.PAGE_HEADER_SIZE + 4 + 11 + 4 + 4 + 4 + 4;

	private static final int MAGIC = 0x184D2204;

	private static final int VERSION_MASK = 0xC0;

	private static final int VERSION = 0x40;

	private static final int INDEPENDENT_BLOCKS = 0x20;

	private static final int BLOCK_CHECKSUM = 0x10;

	private static final int CONTENT_SIZE = 0x08;

	private static final int CONTENT_CHECKSUM = 0x04;

	private static final int UNSUPPORTED = 0x03;

	private static final int UNCOMPRESSED = 1 << 31;

	private static final XXHash32 HASH = XXHashFactory.fastestInstance().hash32();

	private PageFrame() {
	}

	/**
	 * Reads a frame. The input stands at the frame and is left behind it. Throws
	 * {@link CorruptLtxException} if the frame is not valid or does not hold one page.
	 */
	static void read(LtxInput in, byte[] page, int pageSize) throws IOException {
		int flags = readDescriptor(in, pageSize);
		int filled = 0;
		while (true) {
			in.require(4);
			int size = Integer.reverseBytes(in.intAt(0));
			if (size == 0) {
				break;
			}
			if (filled > 0 && (flags & INDEPENDENT_BLOCKS) == 0) {
				throw in.corrupt("an LZ4 frame has linked blocks");
			}
			in.skip(4);
			filled += readBlock(in, size, page, filled, pageSize, (flags & BLOCK_CHECKSUM) != 0);
		}
		if (filled != pageSize) {
			throw in.corrupt("an LZ4 frame holds " + filled + " bytes instead of a page");
		}
		in.skip(4);
		if ((flags & CONTENT_CHECKSUM) != 0) {
			checkHash(in, HASH.hash(page, 0, pageSize, 0));
		}
	}

	private static int readDescriptor(LtxInput in, int pageSize) throws IOException {
		in.require(7);
		if (Integer.reverseBytes(in.intAt(0)) != MAGIC) {
			throw in.corrupt("an LZ4 frame does not start with its magic number");
		}
		in.skip(4);
		int flags = in.byteAt(0);
		if ((flags & VERSION_MASK) != VERSION || (flags & UNSUPPORTED) != 0) {
			throw in.corrupt("unknown LZ4 frame flags 0x" + Integer.toHexString(flags));
		}
		int size = ((flags & CONTENT_SIZE) != 0) ? 10 : 2;
		in.require(size + 1);
		if ((flags & CONTENT_SIZE) != 0 && Long.reverseBytes(in.longAt(2)) != pageSize) {
			throw in.corrupt("an LZ4 frame does not hold one page");
		}
		int hash = HASH.hash(in.buffer(), in.position(), size, 0);
		if (((hash >>> 8) & 0xFF) != in.byteAt(size)) {
			throw in.corrupt("the header checksum of an LZ4 frame does not match");
		}
		in.skip(size + 1);
		return flags;
	}

	private static int readBlock(LtxInput in, int sizeField, byte[] page, int filled, int pageSize, boolean checksum)
			throws IOException {
		int size = sizeField & ~UNCOMPRESSED;
		if (size > PageCodec.bound(pageSize)) {
			throw in.corrupt("an LZ4 block of " + size + " bytes is too long for a page");
		}
		in.require(size);
		int room = pageSize - filled;
		int content;
		if ((sizeField & UNCOMPRESSED) == 0) {
			content = PageCodec.FASTEST.decompress(in.buffer(), in.position(), size, page, filled, room);
		}
		else {
			content = (size <= room) ? size : -1;
			System.arraycopy(in.buffer(), in.position(), page, filled, Math.max(content, 0));
		}
		if (content < 1) {
			throw in.corrupt("an LZ4 block cannot be decompressed into a page");
		}
		if (checksum) {
			int hash = HASH.hash(in.buffer(), in.position(), size, 0);
			in.skip(size);
			checkHash(in, hash);
		}
		else {
			in.skip(size);
		}
		return content;
	}

	private static void checkHash(LtxInput in, int hash) throws IOException {
		in.require(4);
		if (Integer.reverseBytes(in.intAt(0)) != hash) {
			throw in.corrupt("a checksum of an LZ4 frame does not match");
		}
		in.skip(4);
	}

}
