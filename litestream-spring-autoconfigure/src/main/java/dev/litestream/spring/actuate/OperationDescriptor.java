package dev.litestream.spring.actuate;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What became of a write operation.
 *
 * @param database the database
 * @param operation what was asked for
 * @param outcome how it ended
 * @param detail in a sentence
 * @param txid the position that it came to, or {@code null}
 * @param timestamp when that position was written, or {@code null}
 * @param file the file that was written, or {@code null}
 * @param size the bytes that were written, or {@code null}
 * @param took how long it took, or {@code null}
 */
public record OperationDescriptor(String database, String operation, Outcome outcome, String detail,
		@Nullable String txid, @Nullable Instant timestamp, @Nullable String file, @Nullable Long size,
		@Nullable Duration took) implements OperationResponseBody {

	static OperationDescriptor of(String database, String operation, Outcome outcome, String detail) {
		return new OperationDescriptor(database, operation, outcome, detail, null, null, null, null, null);
	}

	/** How an operation ended. */
	public enum Outcome {

		/** It did what was asked for. */
		SUCCEEDED,

		/** There is no such database. */
		UNKNOWN_DATABASE,

		/** What was asked for makes no sense. */
		INVALID,

		/** It failed, or a verification found the backup bad. */
		FAILED,

		/** It did not end in time, or could not be carried out now. */
		NOT_NOW

	}

}
