package dev.litestream.wal;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Memory for reading a WAL, passed from one {@link WalReader} to the next: a sync of a
 * few frames allocates next to nothing. An idle database has none. A sync {@link #take()
 * takes} one and {@link #close()} gives it back; as many are kept as syncs run at the
 * same time. Serves one open reader at a time. Not thread-safe, except for taking and
 * giving back.
 */
public final class WalBuffer implements AutoCloseable {

	private static final BlockingQueue<WalBuffer> FREE = new ArrayBlockingQueue<>(
			Math.max(4, Runtime.getRuntime().availableProcessors()));

	private byte[] bytes = new byte[0];

	private byte[] ahead = new byte[0];

	/**
	 * Takes a buffer.
	 * @return one that was used before, or a new one
	 */
	public static WalBuffer take() {
		WalBuffer free = FREE.poll();
		return (free != null) ? free : new WalBuffer();
	}

	/**
	 * Gives the buffer back, once the reader that it served is closed.
	 */
	@Override
	public void close() {
		// Refused if there are enough; then it is garbage.
		FREE.offer(this);
	}

	/**
	 * An array of at least a number of bytes. Earlier content is lost.
	 */
	byte[] ofSize(int size) {
		if (this.bytes.length < size) {
			this.bytes = new byte[size];
		}
		return this.bytes;
	}

	/**
	 * An array of at least a number of bytes for frames read ahead, apart from the other.
	 */
	byte[] aheadOfSize(int size) {
		if (this.ahead.length < size) {
			this.ahead = new byte[size];
		}
		return this.ahead;
	}

}
