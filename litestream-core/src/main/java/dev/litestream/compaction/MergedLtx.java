package dev.litestream.compaction;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.function.BooleanSupplier;

import dev.litestream.ltx.LtxWriter;
import dev.litestream.restore.StagedMerge;

/**
 * The bytes of a merged LTX file, produced while they are read: no pipe, no second thread
 * and no more memory than a few pages. Not thread-safe.
 */
final class MergedLtx extends InputStream {

	private final StagedMerge merge;

	private final BooleanSupplier stopped;

	private final Sink sink = new Sink();

	private final LtxWriter writer;

	private final PageDigest digest;

	private final byte[] page;

	private boolean ended;

	/**
	 * Starts the file of a merge, which stays open. Reading ends with an exception once
	 * {@code stopped} is true.
	 */
	MergedLtx(StagedMerge merge, BooleanSupplier stopped) throws IOException {
		this.merge = merge;
		this.stopped = stopped;
		this.writer = new LtxWriter(this.sink, merge.header());
		this.digest = new PageDigest(merge.header());
		this.page = new byte[merge.header().pageSize()];
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xFF;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, target.length);
		while (this.sink.available() == 0) {
			if (this.ended) {
				return -1;
			}
			advance();
		}
		return this.sink.take(target, offset, length);
	}

	/** Reads the rest, and returns the digest of the whole file. */
	PageDigest drain() throws IOException {
		while (!this.ended) {
			this.sink.clear();
			advance();
		}
		return this.digest;
	}

	private void advance() throws IOException {
		if (this.stopped.getAsBoolean()) {
			throw new InterruptedIOException("Merging was stopped");
		}
		long pgno = this.merge.nextPage(this.page);
		if (pgno != 0) {
			this.writer.writePage(pgno, this.page, 0);
			this.digest.add(pgno, this.page);
		}
		else {
			this.writer.finish();
			this.ended = true;
		}
	}

	/** Holds the bytes that the writer has flushed and nobody has read yet. */
	private static final class Sink extends ByteArrayOutputStream {

		private int taken;

		int available() {
			return this.count - this.taken;
		}

		int take(byte[] target, int offset, int length) {
			int taken = Math.min(length, available());
			System.arraycopy(this.buf, this.taken, target, offset, taken);
			this.taken += taken;
			if (this.taken == this.count) {
				clear();
			}
			return taken;
		}

		void clear() {
			reset();
			this.taken = 0;
		}

	}

}
