package dev.litestream.replica;

import java.io.IOException;
import java.time.Duration;
import java.util.function.ToLongFunction;

import dev.litestream.ReplicaOperation;

/**
 * Counts one kind of operation. Thread-safe.
 */
final class OperationCounter {

	private final String name;

	private long succeeded;

	private long failed;

	private long bytes;

	private long succeededNanos;

	private long failedNanos;

	OperationCounter(String name) {
		this.name = name;
	}

	<T> T count(Call<T> call, ToLongFunction<T> bytes) throws IOException {
		long start = System.nanoTime();
		T result;
		try {
			result = call.call();
		}
		catch (IOException | RuntimeException ex) {
			ended(false, 0, System.nanoTime() - start);
			throw ex;
		}
		ended(true, bytes.applyAsLong(result), System.nanoTime() - start);
		return result;
	}

	synchronized void ended(boolean success, long bytes, long nanos) {
		this.bytes += bytes;
		if (success) {
			this.succeeded++;
			this.succeededNanos += nanos;
		}
		else {
			this.failed++;
			this.failedNanos += nanos;
		}
	}

	synchronized ReplicaOperation operation() {
		return new ReplicaOperation(this.name, this.succeeded, this.failed, this.bytes,
				Duration.ofNanos(this.succeededNanos), Duration.ofNanos(this.failedNanos));
	}

	/**
	 * One operation that returns a {@code T}.
	 */
	@FunctionalInterface
	interface Call<T> {

		T call() throws IOException;

	}

}
