package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

import dev.litestream.replica.ReplicaUnavailableException;

/**
 * Tells a bucket that is gone from one without a leader, for which a publish fails in the
 * same way, and waits for the latter: servers that lose the leader have another within
 * some seconds. A caller that would try again later, after growing pauses, would be late
 * by as much again. Thread-safe.
 */
final class LeaderWait {

	private static final long PAUSE_MILLIS = 100;

	private final JetStreamApi api;

	private final LeaderReads leader;

	LeaderWait(JetStreamApi api, LeaderReads leader) {
		this.api = api;
		this.leader = leader;
	}

	/**
	 * Waits until the leader answers, at most twice the request timeout, and returns
	 * whether it does. Throws {@link JetStreamErrorException} if the bucket does not
	 * exist.
	 */
	boolean await() throws JetStreamErrorException, InterruptedIOException {
		long deadline = System.nanoTime() + 2 * this.api.options().requestTimeout().toNanos();
		while (true) {
			try {
				this.leader.checkStream();
				return true;
			}
			catch (JetStreamErrorException ex) {
				if (!ex.isTransient()) {
					throw ex;
				}
			}
			catch (NoRespondersException ex) {
				// no leader yet
			}
			catch (ReplicaUnavailableException ex) {
				// no server either: that takes longer
				return false;
			}
			catch (InterruptedIOException ex) {
				throw ex;
			}
			catch (IOException ex) {
				return false;
			}
			if (System.nanoTime() - deadline > 0) {
				return false;
			}
			pause();
		}
	}

	private void pause() throws InterruptedIOException {
		try {
			TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException(
					"Interrupted while waiting for a leader of " + this.api.options().location());
		}
	}

}
