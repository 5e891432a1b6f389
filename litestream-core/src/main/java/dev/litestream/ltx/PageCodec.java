package dev.litestream.ltx;

import java.io.IOException;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compresses and decompresses single pages as LZ4 blocks. Thread-safe.
 */
final class PageCodec {

	private static final Logger logger = LoggerFactory.getLogger(PageCodec.class);

	/**
	 * The native LZ4 library where there is one for this machine, otherwise the one in
	 * Java.
	 */
	static final PageCodec FASTEST = new PageCodec(fastest());

	private final LZ4Compressor compressor;

	/**
	 * The safe decompressor: it is given the compressed size and never reads beyond it.
	 */
	private final LZ4SafeDecompressor decompressor;

	/**
	 * Not {@link LZ4Factory#fastestInstance()}: that uses the native library only in the
	 * system class loader, and an executable Spring Boot jar has a different one.
	 */
	private static LZ4Factory fastest() {
		try {
			return LZ4Factory.nativeInstance();
		}
		catch (LinkageError | RuntimeException ex) {
			logger.info(
					"No native LZ4 library for this machine ({}); pages are compressed in Java, at a third of the speed",
					ex.toString());
			return LZ4Factory.fastestJavaInstance();
		}
	}

	PageCodec(LZ4Factory factory) {
		this.compressor = factory.fastCompressor();
		this.decompressor = factory.safeDecompressor();
	}

	/**
	 * The most bytes that a compressed page can need. No LZ4 compressor has written a
	 * longer block.
	 */
	static int bound(int pageSize) {
		return pageSize + pageSize / 255 + 16;
	}

	/**
	 * Compresses a page into an array that has room for {@link #bound}, and returns the
	 * block's size in bytes.
	 */
	int compress(byte[] page, int pageOffset, int pageSize, byte[] block, int blockOffset) {
		return this.compressor.compress(page, pageOffset, pageSize, block, blockOffset, bound(pageSize));
	}

	/**
	 * Decompresses a block to at most a number of bytes. Returns the content's size in
	 * bytes, or -1 if the block is not valid or its content is larger than the limit.
	 */
	int decompress(byte[] block, int blockOffset, int blockSize, byte[] page, int pageOffset, int limit) {
		try {
			return this.decompressor.decompress(block, blockOffset, blockSize, page, pageOffset, limit);
		}
		catch (LZ4Exception ex) {
			return -1;
		}
	}

	/**
	 * Reads a page from a size field and its block. The input stands at the size field
	 * and is left behind the block. Throws {@link CorruptLtxException} if the block does
	 * not hold one page.
	 */
	void readBlock(LtxInput in, long pgno, byte[] page, int pageSize) throws IOException {
		in.require(LtxFormat.PAGE_SIZE_FIELD);
		int size = in.intAt(0);
		if (size < 1 || size > bound(pageSize)) {
			throw in.corrupt("page " + pgno + " is said to take " + Integer.toUnsignedString(size) + " bytes");
		}
		in.skip(LtxFormat.PAGE_SIZE_FIELD);
		in.require(size);
		if (decompress(in.buffer(), in.position(), size, page, 0, pageSize) != pageSize) {
			throw in.corrupt("page " + pgno + " cannot be decompressed");
		}
		in.skip(size);
	}

}
