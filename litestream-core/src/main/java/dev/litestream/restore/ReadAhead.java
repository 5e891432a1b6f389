package dev.litestream.restore;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * A stream that another thread reads ahead of, so that receiving and verifying a file
 * goes on while the part before is decoded. Not safe for several threads.
 */
final class ReadAhead extends InputStream {

	private static final int BLOCK_SIZE = 512 * 1024;

	private static final int BLOCKS = 8;

	private final InputStream in;

	private final BlockingQueue<Block> blocks = new ArrayBlockingQueue<>(BLOCKS);

	private final CountDownLatch ended = new CountDownLatch(1);

	private volatile boolean closed;

	private Block block = new Block(new byte[0], 0, null);

	private int position;

	/**
	 * Starts to read.
	 * @param in the stream; closed by {@link #close()}
	 * @param executor runs the reading
	 */
	ReadAhead(InputStream in, ExecutorService executor) {
		this.in = in;
		executor.execute(this::readAll);
	}

	private void readAll() {
		try {
			Block next;
			do {
				next = readBlock();
				this.blocks.put(next);
			}
			while (!next.isLast() && !this.closed);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.ended.countDown();
		}
	}

	private Block readBlock() {
		try {
			byte[] bytes = new byte[BLOCK_SIZE];
			return new Block(bytes, this.in.readNBytes(bytes, 0, bytes.length), null);
		}
		catch (IOException ex) {
			return new Block(new byte[0], 0, ex);
		}
		catch (RuntimeException ex) {
			return new Block(new byte[0], 0, new IOException("The replica's stream failed", ex));
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
		if (this.block.failure != null) {
			throw this.block.failure;
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
		// the stream belongs to one thread: close it when the other has let go of it,
		// after
		// the block that it reads now
		this.closed = true;
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
		this.in.close();
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private record Block(byte[] bytes, int size, @Nullable IOException failure) {

		boolean isLast() {
			return this.failure != null || (this.size == 0 && this.bytes.length > 0);
		}

	}

}
