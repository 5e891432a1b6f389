package dev.litestream.wal;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Memory for reading a WAL, passed from one {@link WalReader} to the next so that a sync
 * of a few frames allocates next to nothing. A database has none while it is idle: one is
 * {@link #take() taken} for a sync and given back by {@link #close()}, and as many are
 * kept as syncs run at the same time. Serves one open reader at a time. Not thread-safe,
 * but for taking and giving back.
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
		// Refused if there are enough: then it is garbage.
		FREE.offer(this);
	}

	/**
	 * Room for a number of bytes. Earlier content is lost.
	 * @param size the number of bytes
	 * @return an array of at least that size
	 */
	byte[] ofSize(int size) {
		if (this.bytes.length < size) {
			this.bytes = new byte[size];
		}
		return this.bytes;
	}

	/**
	 * Room for frames read ahead, apart from the other.
	 * @param size the number of bytes
	 * @return an array of at least that size
	 */
	byte[] aheadOfSize(int size) {
		if (this.ahead.length < size) {
			this.ahead = new byte[size];
		}
		return this.ahead;
	}

}
