package dev.litestream.compaction;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * One round on a replica: a listing, updated by the round's own writes and deletes, and
 * the failures. A step that fails does not stop the others, unless the replica is gone.
 * Not thread-safe.
 */
final class LevelRound {

	/** Deletes check after this many files whether to stop. */
	private static final int DELETE_AT_ONCE = 500;

	private final ReplicaClient client;

	private final List<LtxListing> listings;

	private final LevelCounters counters;

	private final BooleanSupplier stopped;

	private final List<IOException> failures = new ArrayList<>();

	private boolean over;

	/**
	 * Starts a round with the complete listing of all levels. It ends once
	 * {@code stopped} is true.
	 */
	LevelRound(ReplicaClient client, List<LtxListing> listings, LevelCounters counters, BooleanSupplier stopped) {
		this.client = client;
		this.listings = new ArrayList<>(listings);
		this.counters = counters;
		this.stopped = stopped;
	}

	/** All levels, as they are now. */
	List<LtxListing> listings() {
		return List.copyOf(this.listings);
	}

	List<IOException> failures() {
		return this.failures;
	}

	/**
	 * Writes a file into a level. Returns {@code null} if there was nothing to write or
	 * it failed.
	 */
	@Nullable LtxFileInfo write(int level, Step<@Nullable LtxFileInfo> step) {
		LtxFileInfo file = attempt(level, step);
		if (file != null) {
			List<LtxFileInfo> files = new ArrayList<>(this.listings.get(level).files());
			files.remove(file);
			files.add(file);
			this.listings.set(level, new LtxListing(files));
			this.counters.written(level, file.size());
		}
		return file;
	}

	/**
	 * Deletes the files that the step chooses, and returns how many. Failures are counted
	 * for the level.
	 */
	int delete(int level, Step<List<LtxFileInfo>> step) {
		Integer deleted = attempt(level, (current) -> {
			List<LtxFileInfo> chosen = step.take(current);
			for (int from = 0; from < chosen.size() && !isOver(); from += DELETE_AT_ONCE) {
				deleted(chosen.subList(from, Math.min(chosen.size(), from + DELETE_AT_ONCE)));
			}
			return chosen.size();
		});
		return (deleted != null) ? deleted : 0;
	}

	private void deleted(List<LtxFileInfo> files) throws IOException {
		this.client.delete(files);
		Set<LtxFileInfo> gone = new HashSet<>(files);
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			LtxListing before = this.listings.get(level);
			List<LtxFileInfo> left = before.files().stream().filter((file) -> !gone.contains(file)).toList();
			this.counters.deleted(level, before.files().size() - left.size());
			this.listings.set(level, new LtxListing(left));
		}
	}

	private <T> @Nullable T attempt(int level, Step<T> step) {
		if (isOver()) {
			return null;
		}
		try {
			T result = step.take(listings());
			this.counters.succeeded(level);
			return result;
		}
		catch (IOException ex) {
			failed(level, ex);
		}
		catch (RuntimeException ex) {
			failed(level, new IOException("Unexpected on level " + level + ": " + ex, ex));
		}
		return null;
	}

	private void failed(int level, IOException failure) {
		this.over = failure instanceof ReplicaUnavailableException || failure instanceof InterruptedIOException;
		if (!this.stopped.getAsBoolean()) {
			this.counters.failed(level, String.valueOf(failure.getMessage()),
					failure instanceof UnverifiedLtxException);
			this.failures.add(failure);
		}
	}

	private boolean isOver() {
		return this.over || this.stopped.getAsBoolean();
	}

	/** One step of a round; its result is a {@code T}. */
	@FunctionalInterface
	interface Step<T extends @Nullable Object> {

		/** Does the step for the listing of all levels. */
		T take(List<LtxListing> listings) throws IOException;

	}

}
