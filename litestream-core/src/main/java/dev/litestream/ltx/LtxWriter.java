package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Writes one LTX file to a stream. Needs no more memory than its buffer and about 3 bytes
 * per page. After a failed call only {@link #close()} may be called. Not thread-safe.
 */
public final class LtxWriter implements Closeable {

	private static final int BUFFER_SIZE = 64 * 1024;

	private final OutputStream out;

	private final LtxHeader header;

	private final PageOrder order;

	private final PageSizes pages = new PageSizes();

	private final Crc64 checksum = new Crc64();

	private final Crc64 page = new Crc64();

	private @Nullable PageSums sums;

	private final byte[] buffer;

	private int used;

	private long flushed;

	private boolean writable = true;

	/**
	 * Writes the header.
	 * @param out where the file goes; closed by {@link #close()}
	 * @param header the header; must have {@link LtxFormat#NO_CHECKSUM} set and a commit
	 * of at least one page
	 * @throws IOException if the stream fails
	 * @throws IllegalArgumentException if the header breaks a rule of the format
	 */
	public LtxWriter(OutputStream out, LtxHeader header) throws IOException {
		if (header.tracksChecksum()) {
			throw new IllegalArgumentException("Only LTX files without rolling checksums are written");
		}
		if (header.commit() == 0) {
			throw new IllegalArgumentException("An LTX file needs a database of at least one page");
		}
		this.out = out;
		this.header = header;
		this.order = new PageOrder(header);
		this.buffer = new byte[Math.max(BUFFER_SIZE, largestPage())];
		header.encode(this.buffer, 0);
		advance(LtxFormat.HEADER_SIZE);
	}

	/**
	 * Writes one page. Pages come in strictly ascending order.
	 * @param pgno the page number, from 1 to the header's commit, never the lock page
	 * @param page holds the page
	 * @param offset where the page starts in the array
	 * @throws IOException if the stream fails
	 * @throws IllegalArgumentException if the page breaks a rule of the format
	 * @throws IllegalStateException if the file is finished or an earlier call failed
	 */
	public void writePage(long pgno, byte[] page, int offset) throws IOException {
		checkWritable();
		int pageSize = this.header.pageSize();
		Objects.checkFromIndexSize(offset, pageSize, page.length);
		String fault = this.order.accept(pgno);
		if (fault != null) {
			throw new IllegalArgumentException(message(fault));
		}
		reserve(largestPage());
		int prefix = LtxFormat.PAGE_HEADER_SIZE + LtxFormat.PAGE_SIZE_FIELD;
		int size = PageCodec.FASTEST.compress(page, offset, pageSize, this.buffer, this.used + prefix);
		BigEndian.putInt(this.buffer, this.used, (int) pgno);
		BigEndian.putShort(this.buffer, this.used + 4, LtxFormat.SIZE_PREFIX);
		BigEndian.putInt(this.buffer, this.used + LtxFormat.PAGE_HEADER_SIZE, size);
		advance(prefix);
		this.page.reset();
		this.page.update(page, offset, pageSize);
		this.checksum.append(this.page.value(), pageSize);
		if (this.sums != null) {
			this.sums.add(pgno, this.page.value(), page, offset);
		}
		this.used += size;
		this.pages.add(pgno, prefix + size);
	}

	/**
	 * Writes end of pages, index and trailer and flushes the stream. A snapshot must be
	 * complete by then.
	 * @return the size of the whole file, in bytes
	 * @throws IOException if the stream fails
	 * @throws IllegalStateException if pages are missing from a snapshot, if the file is
	 * finished or an earlier call failed
	 */
	public long finish() throws IOException {
		checkWritable();
		String fault = this.order.end();
		if (fault != null) {
			throw new IllegalStateException(message(fault));
		}
		reserve(LtxFormat.PAGE_HEADER_SIZE);
		putZeros(LtxFormat.PAGE_HEADER_SIZE);
		writeIndex();
		reserve(LtxFormat.TRAILER_SIZE);
		putZeros(Long.BYTES);
		long fileChecksum = this.checksum.value() | LtxFormat.CHECKSUM_FLAG;
		if (this.sums != null) {
			this.sums.finish(fileChecksum);
		}
		putLong(fileChecksum);
		flush();
		this.writable = false;
		this.out.flush();
		return this.flushed;
	}

	/**
	 * Keeps what there is to know of the pages that are written from now on: 12 more
	 * bytes per page, up to 3 MB.
	 */
	public void keepSums() {
		this.sums = new PageSums(this.header);
	}

	/**
	 * What is known of the pages of a finished file without reading it again.
	 * @return the checksums, or {@code null} if they were not kept or are too many
	 */
	public @Nullable PageSums sums() {
		return (this.sums != null && !this.sums.isIncomplete()) ? this.sums : null;
	}

	/**
	 * Closes the stream. A file that is not finished stays incomplete, and no reader
	 * accepts it.
	 */
	@Override
	public void close() throws IOException {
		this.writable = false;
		this.out.close();
	}

	private void writeIndex() throws IOException {
		long start = this.flushed + this.used;
		this.pages.forEach(new PageSizes.Consumer() {

			private long offset = LtxFormat.HEADER_SIZE;

			@Override
			public void accept(long pgno, int size) throws IOException {
				reserve(3 * Uvarint.MAX_SIZE);
				int end = PageIndex.putEntry(LtxWriter.this.buffer, LtxWriter.this.used, pgno, this.offset, size);
				advance(end - LtxWriter.this.used);
				this.offset += size;
			}

		});
		reserve(1 + LtxFormat.INDEX_LENGTH_FIELD);
		putZeros(1);
		putLong(this.flushed + this.used - start);
	}

	private int largestPage() {
		return LtxFormat.PAGE_HEADER_SIZE + LtxFormat.PAGE_SIZE_FIELD + PageCodec.bound(this.header.pageSize());
	}

	private void putZeros(int count) {
		Arrays.fill(this.buffer, this.used, this.used + count, (byte) 0);
		advance(count);
	}

	private void putLong(long value) {
		BigEndian.putLong(this.buffer, this.used, value);
		advance(Long.BYTES);
	}

	/** Adds bytes at the end of the buffer to the file and its checksum. */
	private void advance(int count) {
		this.checksum.update(this.buffer, this.used, count);
		this.used += count;
	}

	private void reserve(int count) throws IOException {
		if (this.buffer.length - this.used < count) {
			flush();
		}
	}

	private void flush() throws IOException {
		this.writable = false;
		this.out.write(this.buffer, 0, this.used);
		this.flushed += this.used;
		this.used = 0;
		this.writable = true;
	}

	private void checkWritable() {
		if (!this.writable) {
			throw new IllegalStateException(message("it is finished, closed or has failed"));
		}
	}

	private String message(String fault) {
		return "LTX file " + LtxFileName.of(this.header.minTxid(), this.header.maxTxid()) + " cannot be written: "
				+ fault;
	}

}
