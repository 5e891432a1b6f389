package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import dev.litestream.nats.connection.Link;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a bucket holds, shared by all databases in it that use one connection, so that a
 * listing costs one small request, however many objects there are or have been.
 * <p>
 * The first listing scans the bucket. From then on the index follows what we write and
 * remove ourselves, for nothing. Each listing asks the stream's leader for its state and
 * answers only if the {@linkplain IndexLedger ledger} proves the index exact:
 * <ul>
 * <li>Objects of other writers are read from the leader, one request for each that came
 * since.</li>
 * <li>If others removed objects, the connection was lost, the stream has another leader
 * or was made anew, or the last scan is an hour old, the bucket is scanned again.</li>
 * </ul>
 * There is no subscription: it would bring every object of ours back to us, would not
 * tell of removals, and for some time after a lost connection of nothing at all, so that
 * the same proof would be needed. An index that nobody asks costs no request.
 * <p>
 * Thread-safe.
 */
final class BucketIndex {

	private static final Logger logger = LoggerFactory.getLogger(BucketIndex.class);

	private static final int SCANS = 3;

	private static final int ROUNDS = 5;

	/** Above so many objects of others a scan is faster. */
	private static final int MOST_FOREIGN = 500;

	private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

	/** Shared by those who remove, whole for those who compare. */
	private final ReentrantReadWriteLock removals = new ReentrantReadWriteLock(true);

	private final OrphanedChunks orphans = new OrphanedChunks();

	private final StreamWatch stream = new StreamWatch();

	private volatile @Nullable IndexLedger ledger;

	private volatile long scans;

	/**
	 * Answers a question, which must not block, from an index that is proved exact, or
	 * throws.
	 */
	<T> T ask(BucketScan scan, Question<T> question) throws IOException {
		Lock lock = this.removals.writeLock();
		lock(lock, scan.api());
		try {
			for (int attempt = 0; attempt < SCANS; attempt++) {
				IndexLedger current = usable(scan);
				try {
					boolean lastAttempt = attempt == SCANS - 1;
					StreamState state = prove(current, scan, lastAttempt);
					if (state != null) {
						synchronized (current) {
							return question.answer(current.objects(), state);
						}
					}
				}
				finally {
					current.release();
				}
				logger.debug("The index of bucket '{}' at {} is out of date", scan.bucket().name(),
						scan.api().options().location());
				current.breakUp();
			}
		}
		finally {
			lock.unlock();
		}
		throw new ReplicaUnavailableException("The listing of " + scan.api().options().location()
				+ " could not be proved complete: its stream changed its leader or state again and again");
	}

	private IndexLedger usable(BucketScan scan) throws IOException {
		Link link = scan.api().link();
		long losses = link.events().losses();
		IndexLedger current = this.ledger;
		if (current != null && current.isUsable(link.connection(), losses, LONGEST_NANOS)) {
			current.hold();
			return current;
		}
		this.ledger = null;
		IndexedObjects objects = new IndexedObjects(scan.bucket().name());
		IndexLedger made = new IndexLedger(scan.leader().state(), link.connection(), losses, objects);
		// what is written from now on is noted; until the scan has ended, and if it never
		// does, it proves nothing
		this.ledger = made;
		try {
			this.orphans.found(scan.into(made));
			this.scans++;
			return made;
		}
		finally {
			if (!made.isFilled()) {
				made.breakUp();
			}
		}
	}

	/**
	 * Proves the index exact, and returns the state for which it is, or {@code null}. If
	 * {@code lenient}, a scan just made will do while others remove objects all the time:
	 * it has all that was there throughout, and perhaps some that is gone.
	 */
	private @Nullable StreamState prove(IndexLedger current, BucketScan scan, boolean lenient) throws IOException {
		long newest = current.newest();
		StreamState state = scan.leader().state();
		for (int round = 0; round < ROUNDS; round++) {
			if (state.lastSequence() < newest) {
				return null;
			}
			boolean caughtUp = current.compare(state) == IndexLedger.Proof.INCOMPLETE;
			if (caughtUp && !catchUp(current, state.lastSequence(), scan)) {
				return null;
			}
			switch (current.compare(state)) {
				case EXACT -> {
					StreamState after = caughtUp ? scan.leader().state() : state;
					if (after.hasLostNothingSince(state)) {
						return state;
					}
					state = after;
				}
				case REMOVED -> {
					return lenient ? state : null;
				}
				default -> {
					return null;
				}
			}
		}
		return null;
	}

	/**
	 * Reads the metadata up to a sequence that is not known, from the leader. What is
	 * removed or replaced meanwhile may be missed, so that it has to be shown afterwards
	 * that nothing was.
	 */
	private boolean catchUp(IndexLedger current, long last, BucketScan scan) throws IOException {
		for (int count = 0; count < MOST_FOREIGN; count++) {
			long from = current.firstUnknown(last);
			if (from > last) {
				return true;
			}
			LeaderReads.Stored next = scan.leader().nextMeta(from);
			if (next == null || next.sequence() > last) {
				current.nothingElseUpTo(last);
				return true;
			}
			if (!current.knows(next.sequence())) {
				this.orphans.claimed(next.meta().nuid());
				current.stored(next.sequence(), next.meta(), next.time(), scan.isIntact(next.meta()));
			}
			current.nothingElseUpTo(next.sequence() - 1);
		}
		return false;
	}

	/**
	 * Notes that we stored a message. {@code meta} is {@code null} for a chunk.
	 */
	void stored(long sequence, @Nullable ObjectMeta meta) {
		this.stream.stored(sequence);
		if (meta != null) {
			this.orphans.claimed(meta.nuid());
		}
		IndexLedger current = this.ledger;
		if (current != null) {
			current.stored(sequence, meta, Instant.EPOCH, true);
		}
	}

	/**
	 * Begins to remove objects. Removals and comparisons wait for each other, within
	 * bounds.
	 */
	Removal remove(JetStreamApi api) throws IOException {
		Lock lock = this.removals.readLock();
		lock(lock, api);
		return new Removal(lock);
	}

	private static void lock(Lock lock, JetStreamApi api) throws IOException {
		try {
			if (!lock.tryLock(4 * api.options().requestTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
				throw new ReplicaUnavailableException(
						"The NATS server at " + api.options().location() + " is busy with other requests of ours");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while waiting for " + api.options().location());
		}
	}

	OrphanedChunks orphans() {
		return this.orphans;
	}

	/** Whether the stream is still the same while nobody writes. */
	StreamWatch stream() {
		return this.stream;
	}

	/** How often the whole bucket was read. */
	long scans() {
		return this.scans;
	}

	/** A question. */
	@FunctionalInterface
	interface Question<T> {

		T answer(IndexedObjects objects, StreamState state) throws IOException;

	}

	/**
	 * A removal under way. What it does not account for makes the index unproved.
	 */
	final class Removal implements AutoCloseable {

		private final Lock lock;

		private boolean accounted;

		private Removal(Lock lock) {
			this.lock = lock;
		}

		/**
		 * Accounts for everything this removal did; {@code purged} is the number of
		 * messages removed.
		 */
		void done(List<String> names, long purged) {
			IndexLedger current = BucketIndex.this.ledger;
			if (current != null) {
				current.removed(names, purged);
			}
			this.accounted = true;
		}

		@Override
		public void close() {
			IndexLedger current = BucketIndex.this.ledger;
			if (!this.accounted && current != null) {
				current.breakUp();
			}
			this.lock.unlock();
		}

	}

}
