package dev.litestream.verification;

import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/**
 * Limits the bytes per second of several streams together. Thread-safe.
 */
final class Throttle {

	/** How much unused time may be made up for. */
	private static final long BURST = TimeUnit.MILLISECONDS.toNanos(50);

	private final double nanosPerByte;

	/** When everything taken so far has been paid for. */
	private long free = System.nanoTime();

	Throttle(long bytesPerSecond) {
		this.nanosPerByte = (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
	}

	/**
	 * Waits until a number of bytes may be read. Throws {@link InterruptedIOException} if
	 * the thread is interrupted; it stays interrupted.
	 */
	void take(long bytes) throws InterruptedIOException {
		long wait = reserve(bytes);
		if (wait > 0) {
			try {
				TimeUnit.NANOSECONDS.sleep(wait);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException("The verification was interrupted while it read from the replica");
			}
		}
	}

	private synchronized long reserve(long bytes) {
		long now = System.nanoTime();
		if (this.free - (now - BURST) < 0) {
			this.free = now - BURST;
		}
		this.free += (long) (bytes * this.nanosPerByte);
		return this.free - now;
	}

}
