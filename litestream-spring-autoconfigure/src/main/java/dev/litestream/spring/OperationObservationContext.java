package dev.litestream.spring;

import java.nio.file.Path;

import dev.litestream.Operation;
import dev.litestream.OperationOutcome;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What is known about an {@link Operation} that is observed.
 */
public class OperationObservationContext extends Observation.Context {

	private final String database;

	private final @Nullable Path path;

	private final Operation operation;

	private @Nullable OperationOutcome outcome;

	/**
	 * An operation begins.
	 * @param database the database's name
	 * @param path the database file, or {@code null} if unknown
	 * @param operation the operation
	 */
	public OperationObservationContext(String database, @Nullable Path path, Operation operation) {
		this.database = database;
		this.path = path;
		this.operation = operation;
	}

	public String getDatabase() {
		return this.database;
	}

	public @Nullable Path getPath() {
		return this.path;
	}

	public Operation getOperation() {
		return this.operation;
	}

	/**
	 * How it ended.
	 * @return the outcome, or {@code null} while it has not ended
	 */
	public @Nullable OperationOutcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(OperationOutcome outcome) {
		this.outcome = outcome;
	}

}
