package dev.litestream.nats.bucket;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * What an index of a bucket accounts for, message by message, as in book-keeping:
 * <ol>
 * <li>Up to the sequence {@code last} every message is accounted for; {@code messages} of
 * them must be there.</li>
 * <li>Behind it, messages are noted as they become known: metadata with its content, or
 * none. Once all up to a sequence are known, {@code last} moves there: each adds one to
 * the balance, and metadata that takes the place of an older one takes one off.</li>
 * <li>Messages that we removed are taken off the balance by the number that the server
 * tells.</li>
 * <li>The stream's leader tells its last sequence and number of messages. If all up to
 * that sequence are known and the number is the balance, the index is exact. It cannot be
 * by chance: a removal that is not accounted for makes the number smaller than the
 * balance, and nothing makes it larger.</li>
 * <li>The balance counts messages and not what was entered of them. So it proves nothing
 * until the scan has said how many names it should have entered, and nothing any more
 * after an entry that broke off.</li>
 * </ol>
 * Thread-safe.
 */
final class IndexLedger {

	/** Notes beyond this are too many to keep; the index is made anew. */
	private static final int MOST_NOTES = 16 * 1024;

	private final IndexedObjects objects;

	private final StreamState origin;

	private final Object connection;

	private final long losses;

	private final long built = System.nanoTime();

	private final TreeMap<Long, Note> notes = new TreeMap<>();

	private long last;

	private long messages;

	/** While set, {@code last} only moves where a proof wants it. */
	private boolean held = true;

	/** Whether all that the scan should have found is here. */
	private boolean filled;

	private boolean broken;

	/** Opens a ledger on the stream's state before the scan that fills it. It is held. */
	IndexLedger(StreamState origin, Object connection, long losses, IndexedObjects objects) {
		this.objects = objects;
		this.origin = origin;
		this.connection = connection;
		this.losses = losses;
		this.last = origin.lastSequence();
		this.messages = origin.messages();
	}

	/**
	 * Whether a message was stored after this ledger was opened.
	 */
	boolean isNewer(long sequence) {
		return sequence > this.origin.lastSequence();
	}

	/**
	 * Enters metadata that a scan found.
	 */
	synchronized void scanned(long sequence, ObjectMeta meta, Instant time, boolean intact) {
		if (sequence > this.last) {
			this.notes.putIfAbsent(sequence, new Note(meta, time, intact));
		}
		else {
			put(meta, time, intact);
		}
	}

	/** The scan has ended, and should have entered at least so many names. */
	synchronized void filled(int names) {
		long noted = this.notes.values().stream().filter((note) -> note.meta != null).count();
		this.filled = this.objects.count() + noted >= names;
	}

	/**
	 * Whether a scan has entered all that it should have.
	 */
	synchronized boolean isFilled() {
		return this.filled;
	}

	/**
	 * An entry that does not come to its end, as when memory runs out, leaves what proves
	 * nothing.
	 */
	private boolean put(ObjectMeta meta, Instant time, boolean intact) {
		boolean whole = false;
		try {
			boolean replaced = this.objects.put(meta, time, intact);
			whole = true;
			return replaced;
		}
		finally {
			this.broken |= !whole;
		}
	}

	/**
	 * Notes a message. {@code meta} is {@code null} for a chunk; {@code intact} if the
	 * object has all its chunks.
	 */
	synchronized void stored(long sequence, @Nullable ObjectMeta meta, Instant time, boolean intact) {
		if (this.broken || sequence <= this.last) {
			return;
		}
		this.notes.putIfAbsent(sequence, new Note(meta, time, intact));
		if (!this.held) {
			advance(Long.MAX_VALUE);
		}
		if (this.notes.size() > MOST_NOTES) {
			breakUp();
		}
	}

	/** Notes that objects were removed, and {@code purged} messages with them. */
	synchronized void removed(List<String> names, long purged) {
		this.messages -= purged;
		for (String name : names) {
			this.objects.remove(name);
			for (Map.Entry<Long, Note> note : this.notes.entrySet()) {
				ObjectMeta meta = note.getValue().meta;
				if (meta != null && meta.name().equals(name)) {
					note.setValue(Note.NONE);
				}
			}
		}
	}

	/** The first sequence of which nothing is known, up to {@code limit}. */
	synchronized long firstUnknown(long limit) {
		advance(limit);
		return this.last + 1;
	}

	synchronized boolean knows(long sequence) {
		return sequence <= this.last || this.notes.containsKey(sequence);
	}

	/**
	 * Notes that there is no metadata which is not known already, up to a sequence.
	 */
	synchronized void nothingElseUpTo(long sequence) {
		while (this.last < sequence) {
			Map.Entry<Long, Note> next = this.notes.firstEntry();
			if (next == null || next.getKey() > sequence) {
				this.messages += sequence - this.last;
				this.last = sequence;
				return;
			}
			this.messages += next.getKey() - 1 - this.last;
			this.last = next.getKey() - 1;
			advance(sequence);
		}
	}

	private void advance(long limit) {
		while (!this.notes.isEmpty() && this.notes.firstKey() == this.last + 1 && this.last < limit) {
			Note note = this.notes.pollFirstEntry().getValue();
			this.last++;
			this.messages++;
			if (note.meta != null && put(note.meta, note.time, note.intact)) {
				this.messages--;
			}
		}
	}

	/**
	 * The newest sequence that is known to have been stored.
	 */
	synchronized long newest() {
		return this.notes.isEmpty() ? this.last : Math.max(this.last, this.notes.lastKey());
	}

	/**
	 * Stops {@code last} from moving by itself, so that it can be compared.
	 */
	synchronized void hold() {
		this.held = true;
	}

	synchronized void release() {
		this.held = false;
		advance(Long.MAX_VALUE);
	}

	/** Compares the balance with the stream's state, asked for while this was held. */
	synchronized Proof compare(StreamState state) {
		if (this.broken || !this.filled || !state.comparableTo(this.origin)) {
			return Proof.FAILED;
		}
		advance(state.lastSequence());
		if (this.last < state.lastSequence()) {
			return Proof.INCOMPLETE;
		}
		if (this.last > state.lastSequence() || this.messages < state.messages()) {
			return Proof.FAILED;
		}
		return (this.messages == state.messages()) ? Proof.EXACT : Proof.REMOVED;
	}

	/**
	 * Gives up: what is here proves nothing any more.
	 */
	synchronized void breakUp() {
		this.broken = true;
		this.notes.clear();
	}

	synchronized boolean isUsable(Object currentConnection, long currentLosses, long longestNanos) {
		return !this.broken && this.filled && this.connection == currentConnection && this.losses == currentLosses
				&& System.nanoTime() - this.built < longestNanos;
	}

	/**
	 * The objects, to be read under this ledger's monitor.
	 */
	IndexedObjects objects() {
		return this.objects;
	}

	/**
	 * What a comparison shows.
	 */
	enum Proof {

		/** The index is what the bucket holds. */
		EXACT,

		/** Messages are there of which nothing is known yet. */
		INCOMPLETE,

		/** Others have removed objects: what is there is known, and more. */
		REMOVED,

		/** Something happened that cannot be followed. */
		FAILED

	}

	private record Note(@Nullable ObjectMeta meta, Instant time, boolean intact) {

		static final Note NONE = new Note(null, Instant.EPOCH, true);

	}

}
