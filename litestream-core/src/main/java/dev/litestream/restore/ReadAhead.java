package dev.litestream.restore;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * A stream that another thread opens and reads ahead: a file is received and verified
 * while earlier files are decoded. Not thread-safe.
 */
final class ReadAhead extends InputStream {

	/** Small enough not to be a humongous object of the garbage collector's. */
	private static final int BLOCK_SIZE = 256 * 1024;

	private static final int BLOCKS = 8;

	private final Source source;

	private final int blockSize;

	private final BlockingQueue<Block> blocks = new ArrayBlockingQueue<>(BLOCKS);

	private final CountDownLatch ended = new CountDownLatch(1);

	/** Taken by the reading thread when it begins, or by a close that comes first. */
	private final AtomicBoolean begun = new AtomicBoolean();

	private volatile boolean closed;

	private @Nullable Thread reader;

	private volatile @Nullable InputStream in;

	private Block block = new Block(new byte[0], 0, null);

	private int position;

	/**
	 * Starts to read as soon as a thread is free. The expected number of bytes may be
	 * wrong. {@link #close()} closes the stream.
	 */
	ReadAhead(Source source, long size, Executor executor) {
		this.source = source;
		this.blockSize = (int) Math.max(1, Math.min(BLOCK_SIZE, size));
		executor.execute(this::readAll);
	}

	private void readAll() {
		if (!this.begun.compareAndSet(false, true)) {
			return;
		}
		begin();
		try {
			Block next;
			do {
				next = readBlock();
				this.blocks.put(next);
			}
			while (!next.isLast() && !this.closed);
		}
		catch (InterruptedException ex) {
			// closed, or the executor is shut down
		}
		finally {
			end();
			this.ended.countDown();
		}
	}

	private synchronized void begin() {
		this.reader = Thread.currentThread();
	}

	/**
	 * Clears the interrupt: it was meant for this stream, and the thread goes on with
	 * others.
	 */
	private synchronized void end() {
		this.reader = null;
		Thread.interrupted();
	}

	/** Does not wait for a read that hangs at the replica. */
	private synchronized void interruptReader() {
		if (this.reader != null) {
			this.reader.interrupt();
		}
	}

	private Block readBlock() {
		try {
			InputStream in = this.in;
			if (in == null) {
				in = this.source.open();
				this.in = in;
			}
			byte[] bytes = new byte[this.blockSize];
			return new Block(bytes, in.readNBytes(bytes, 0, bytes.length), null);
		}
		catch (IOException ex) {
			return new Block(new byte[0], 0, ex);
		}
		catch (RuntimeException ex) {
			return new Block(new byte[0], 0, new IOException("The replica's stream failed", ex));
		}
		catch (Error ex) {
			// otherwise the reader would wait for ever; and it says nothing about the
			// file
			return new Block(new byte[0], 0, ex);
		}
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		Objects.checkFromIndexSize(offset, length, target.length);
		if (length == 0) {
			return 0;
		}
		if (this.position == this.block.size && !this.block.isLast()) {
			this.block = take();
			this.position = 0;
		}
		if (this.block.failure instanceof Error error) {
			throw error;
		}
		if (this.block.failure instanceof IOException failure) {
			throw failure;
		}
		if (this.block.size == 0) {
			return -1;
		}
		int n = Math.min(length, this.block.size - this.position);
		System.arraycopy(this.block.bytes, this.position, target, offset, n);
		this.position += n;
		return n;
	}

	private Block take() throws InterruptedIOException {
		try {
			return this.blocks.take();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("The restore was interrupted while it read from the replica");
		}
	}

	@Override
	public void close() throws IOException {
		// the stream belongs to one thread: close it when the other has let go of it
		this.closed = true;
		if (this.begun.compareAndSet(false, true)) {
			return;
		}
		interruptReader();
		boolean interrupted = false;
		while (this.ended.getCount() > 0) {
			this.blocks.clear();
			try {
				this.ended.await(10, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		try {
			InputStream in = this.in;
			if (in != null) {
				in.close();
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** Opens a stream. */
	@FunctionalInterface
	interface Source {

		InputStream open() throws IOException;

	}

	private record Block(byte[] bytes, int size, @Nullable Throwable failure) {

		boolean isLast() {
			return this.failure != null || (this.size == 0 && this.bytes.length > 0);
		}

	}

}
