package dev.litestream.replication;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.litestream.Txid;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.threads.SerialTask;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * Syncs one database to the end of its WAL on request, on one of the engine's threads:
 * callers decide how long they wait, however long a sync takes. All requests made before
 * a sync begins share it. Thread-safe.
 */
final class EndOfWal {

	private final Supplier<@Nullable OpenDatabase> database;

	private final SerialTask task;

	/** The future of all requests since the last sync began, or null. */
	private @Nullable CompletableFuture<@Nullable Txid> asked;

	/** Creates it without requests. {@code database} is there while it is open. */
	EndOfWal(Supplier<@Nullable OpenDatabase> database, Workers workers) {
		this.database = database;
		this.task = new SerialTask(workers.asked(), this::run, (failure) -> {
		});
	}

	/**
	 * Asks for a sync of everything committed so far, and does not wait. The future is
	 * completed with the position up to which it is synced, with {@code null} if the
	 * database is not open then, or with the exception of the sync.
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
