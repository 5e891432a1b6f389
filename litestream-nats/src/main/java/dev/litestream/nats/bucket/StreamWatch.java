package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.nats.connection.Link;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether a bucket's stream is still the one that was written to, while nothing is
 * written: else nobody would notice that it was deleted, emptied or created again. One
 * small request now and then, on a separate thread, for all databases in the bucket. It
 * only counts what it finds; who hears of it compares. Thread-safe.
 */
final class StreamWatch {

	private static final Logger logger = LoggerFactory.getLogger(StreamWatch.class);

	private final AtomicBoolean looking = new AtomicBoolean();

	private final AtomicLong disturbances = new AtomicLong();

	/** The highest sequence of ours in the stream as it was last seen. */
	private final AtomicLong sequence = new AtomicLong();

	/** The stream when it was last seen, or {@code null} if it was gone. */
	private volatile @Nullable StreamState known;

	private volatile long lookedAt = System.nanoTime();

	/** How often the stream was another one, or gone. */
	long disturbances() {
		return this.disturbances.get();
	}

	/** The stream as somebody who opens the bucket finds it. */
	void opened(StreamState state) {
		if (this.known == null) {
			this.known = state;
		}
	}

	/** A message of ours was stored. */
	void stored(long sequence) {
		this.sequence.accumulateAndGet(sequence, Math::max);
	}

	/** Nothing is written: looks if that is due. Does not wait. */
	void idle(Link link, LeaderReads leader, Duration interval) {
		if (System.nanoTime() - this.lookedAt > interval.toNanos() && this.looking.compareAndSet(false, true)
				&& !link.run(() -> look(leader))) {
			this.looking.set(false);
		}
	}

	private void look(LeaderReads leader) {
		try {
			long least = this.sequence.get();
			found(leader.state(), least);
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.STREAM_NOT_FOUND && this.known != null) {
				this.known = null;
				this.disturbances.incrementAndGet();
			}
		}
		catch (IOException ex) {
			// the connection, or the next one who writes, tells of it
			logger.debug("The stream of an idle bucket could not be looked at", ex);
		}
		catch (RuntimeException | Error ex) {
			logger.error("The stream of an idle bucket could not be looked at; this is tried again", ex);
		}
		finally {
			this.lookedAt = System.nanoTime();
			this.looking.set(false);
		}
	}

	private void found(StreamState state, long least) {
		StreamState before = this.known;
		boolean other = before == null || !before.created().equals(state.created()) || state.lastSequence() < least;
		boolean emptied = state.messages() == 0 && (least > 0 || (before != null && before.messages() > 0));
		this.known = state;
		if (other || emptied) {
			// counted once
			this.sequence.compareAndSet(least, 0);
			this.disturbances.incrementAndGet();
		}
	}

}
