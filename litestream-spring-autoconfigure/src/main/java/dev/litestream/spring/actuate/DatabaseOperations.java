package dev.litestream.spring.actuate;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.SnapshotResult;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import dev.litestream.spring.actuate.LitestreamEndpoint.OperationDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.OperationDescriptor.Outcome;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * One write operation on one database: takes what an operator wrote apart, and says how
 * it ended. Nothing is thrown at the operator.
 */
final class DatabaseOperations {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final ReplicatedDatabase database;

	private final String operation;

	private final RestoreDirectory restoreDirectory;

	private final VerificationLimit verificationLimit;

	DatabaseOperations(ReplicatedDatabase database, String operation, RestoreDirectory restoreDirectory,
			VerificationLimit verificationLimit) {
		this.database = database;
		this.operation = operation;
		this.restoreDirectory = restoreDirectory;
		this.verificationLimit = verificationLimit;
	}

	OperationDescriptor run(@Nullable Duration timeout, @Nullable String txid, @Nullable String timestamp,
			@Nullable String file) {
		try {
			return switch (this.operation) {
				case "sync" -> sync((timeout != null) ? timeout : TIMEOUT);
				case "snapshot" -> snapshot((timeout != null) ? timeout : TIMEOUT);
				case "verify" -> verify(target(txid, timestamp));
				case "restore" -> restore(this.restoreDirectory.resolve(file), target(txid, timestamp));
				case "accept" -> accept();
				default -> throw new IllegalArgumentException("'" + this.operation
						+ "' is no operation; there are sync, snapshot, verify, restore and accept");
			};
		}
		catch (IllegalArgumentException ex) {
			return ended(Outcome.INVALID, String.valueOf(ex.getMessage()));
		}
		catch (LitestreamException ex) {
			return ended(Outcome.FAILED, String.valueOf(ex.getMessage()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return ended(Outcome.NOT_NOW, "It was interrupted");
		}
	}

	private OperationDescriptor sync(Duration timeout) throws InterruptedException {
		long start = System.nanoTime();
		boolean done = this.database.sync(timeout);
		return new OperationDescriptor(this.database.name(), this.operation, done ? Outcome.SUCCEEDED : Outcome.NOT_NOW,
				done ? "Everything that was committed before is replicated"
						: "Not everything was replicated within " + timeout + lastError(),
				this.database.status().replicatedTxid().digits(), null, null, null,
				Duration.ofNanos(System.nanoTime() - start));
	}

	private String lastError() {
		String error = this.database.status().lastError();
		return (error != null) ? ": " + error : "";
	}

	private OperationDescriptor snapshot(Duration timeout) throws InterruptedException {
		SnapshotResult snapshot = this.database.snapshot(timeout);
		return new OperationDescriptor(this.database.name(), this.operation, Outcome.SUCCEEDED,
				"The replica holds a snapshot of the newest position", snapshot.txid().toString(), snapshot.timestamp(),
				null, snapshot.size(), snapshot.took());
	}

	private OperationDescriptor verify(RestoreTarget target) throws InterruptedException {
		String refusal = this.verificationLimit.begin(this.database.name());
		if (refusal != null) {
			return ended(Outcome.NOT_NOW, refusal);
		}
		try {
			return ended(this.database.verify(target));
		}
		finally {
			this.verificationLimit.end(this.database.name());
		}
	}

	private OperationDescriptor accept() {
		boolean undecided = this.database.acceptDatabase();
		return ended(undecided ? Outcome.SUCCEEDED : Outcome.NOT_NOW, undecided
				? "The database counts as right. It is sent to the replica once more; verify it then"
				: "There is nothing to decide: no verification has found that the backup differs from the database");
	}

	private OperationDescriptor ended(VerificationResult result) {
		Outcome outcome = switch (result.outcome()) {
			case VERIFIED -> Outcome.SUCCEEDED;
			case FAILED -> Outcome.FAILED;
			case SKIPPED -> Outcome.NOT_NOW;
		};
		return new OperationDescriptor(this.database.name(), this.operation, outcome, result.detail(),
				(result.txid() != null) ? result.txid().toString() : null, result.timestamp(), null, null,
				result.took());
	}

	private OperationDescriptor restore(Path file, RestoreTarget target) {
		RestoreResult result = this.database.restoreTo(file, target);
		return new OperationDescriptor(this.database.name(), this.operation, Outcome.SUCCEEDED,
				"The backup was restored to another file", result.txid().toString(), result.timestamp(),
				result.path().toString(), result.pages() * result.pageSize(), result.took());
	}

	private static RestoreTarget target(@Nullable String txid, @Nullable String timestamp) {
		if (StringUtils.hasText(txid)) {
			if (StringUtils.hasText(timestamp)) {
				throw new IllegalArgumentException("txid and timestamp are both set; keep one of the two");
			}
			return RestoreTarget.of(Txid.parse(txid));
		}
		return StringUtils.hasText(timestamp) ? RestoreTarget.notAfter(instant(timestamp)) : RestoreTarget.LATEST;
	}

	private static Instant instant(String timestamp) {
		try {
			return OffsetDateTime.parse(timestamp).toInstant();
		}
		catch (DateTimeParseException ex) {
			throw new IllegalArgumentException(
					"timestamp is no instant such as 2026-03-06T08:00:00Z (got " + timestamp + ")", ex);
		}
	}

	private OperationDescriptor ended(Outcome outcome, String detail) {
		return OperationDescriptor.of(this.database.name(), this.operation, outcome, detail);
	}

}
