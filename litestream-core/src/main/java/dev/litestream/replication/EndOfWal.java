package dev.litestream.replication;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.litestream.Txid;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.threads.SerialTask;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Syncs one database to the end of its WAL for those who ask, on one of the engine's
 * threads: whoever asks may wait as long as he likes, however long a sync takes. All who
 * ask before it begins share one. Thread-safe.
 */
final class EndOfWal {

	private final Supplier<@Nullable OpenDatabase> database;

	private final SerialTask task;

	/** What those wait for who have asked since the last one began, or null. */
	private @Nullable CompletableFuture<@Nullable Txid> asked;

	/**
	 * Creates it; nobody has asked.
	 * @param database the database while it is open
	 * @param workers run it
	 */
	EndOfWal(Supplier<@Nullable OpenDatabase> database, Workers workers) {
		this.database = database;
		this.task = new SerialTask(workers.asked(), this::run, (failure) -> {
		});
	}

	/**
	 * Asks for everything that is committed now. Does not wait.
	 * @return completed with the position up to which it is synced, {@code null} if the
	 * database is not open then, or what the sync threw
	 */
	CompletableFuture<@Nullable Txid> ask() {
		CompletableFuture<@Nullable Txid> answer = join();
		this.task.signal();
		return answer;
	}

	private synchronized CompletableFuture<@Nullable Txid> join() {
		CompletableFuture<@Nullable Txid> answer = this.asked;
		if (answer == null) {
			answer = new CompletableFuture<>();
			this.asked = answer;
		}
		return answer;
	}

	private synchronized @Nullable CompletableFuture<@Nullable Txid> begin() {
		CompletableFuture<@Nullable Txid> answer = this.asked;
		this.asked = null;
		return answer;
	}

	private void run() {
		CompletableFuture<@Nullable Txid> answer = begin();
		if (answer == null) {
			return;
		}
		try {
			OpenDatabase database = this.database.get();
			answer.complete((database != null) ? database.toEndOfWal() : null);
		}
		catch (Exception | Error ex) {
			answer.completeExceptionally(ex);
		}
	}

}
