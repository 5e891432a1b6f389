package dev.litestream.nats.bucket;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Chunks that a scan found without metadata: left by a put that was broken off, or part
 * of one under way. Whoever puts says so here, so that {@link OrphanPurge} leaves its
 * chunks alone. Thread-safe.
 */
final class OrphanedChunks {

	private static final int AT_ONCE = 64;

	private final Set<String> candidates = new HashSet<>();

	private final Set<String> ours = new HashSet<>();

	synchronized void found(Set<String> nuids) {
		this.candidates.clear();
		// of another kind are the subjects of nobody's objects, or wildcards in a purge
		nuids.stream().filter(ObjectMeta::isNuid).forEach(this.candidates::add);
	}

	synchronized boolean isEmpty() {
		return this.candidates.isEmpty();
	}

	synchronized void claimed(String nuid) {
		this.candidates.remove(nuid);
	}

	synchronized void putStarted(String nuid) {
		this.ours.add(nuid);
	}

	synchronized void putEnded(String nuid) {
		this.ours.remove(nuid);
	}

	/** Takes some that no put of this process is sending. */
	synchronized List<String> take() {
		List<String> some = new ArrayList<>();
		for (String nuid : this.candidates) {
			if (!this.ours.contains(nuid) && some.size() < AT_ONCE) {
				some.add(nuid);
			}
		}
		some.forEach(this.candidates::remove);
		return some;
	}

}
