package dev.litestream.spring.autoconfigure;

import dev.litestream.DatabaseInUseException;
import dev.litestream.LitestreamException;
import dev.litestream.RestoreFailedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.restore.NoBackupException;
import dev.litestream.spring.UnsupportedConnectionException;
import dev.litestream.sqlite.SqliteVersion;
import dev.litestream.sqlite.SqliteVersion.UnsafeSqliteException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * Says why Litestream has stopped the start-up and what to change. Reads fields of
 * exceptions, which hold no secrets. What it does not know in particular has a message
 * that is a sentence and names the cure.
 */
class LitestreamFailureAnalyzer extends AbstractFailureAnalyzer<LitestreamException> {

	private final @Nullable Environment environment;

	LitestreamFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LitestreamException cause) {
		if (cause instanceof InvalidLitestreamPropertyException invalid) {
			String origin = origin(invalid);
			// what is set nevertheless is set to nothing
			String problem = origin.isEmpty() ? invalid.getProblem()
					: invalid.getProblem().replaceFirst("^is missing", "is empty");
			return new FailureAnalysis("The property '" + invalid.getProperty() + "' " + problem + "." + origin,
					invalid.getCure(), cause);
		}
		if (cause instanceof RestoreFailedException restore) {
			return new FailureAnalysis(describe(restore), cure(restore), cause);
		}
		if (cause instanceof UnsafeSqliteException unsafe) {
			return new FailureAnalysis(
					"SQLite " + unsafe.version().text() + " has the WAL-reset bug, which can corrupt a database that"
							+ " is checkpointed while it is written.",
					"Set the property 'sqlite-jdbc.version' of the build to " + SqliteVersion.MINIMUM.text()
							+ ".0 or newer, or remove the version of org.xerial:sqlite-jdbc that the build sets.",
					cause);
		}
		if (cause instanceof UnsupportedConnectionException unsupported) {
			return new FailureAnalysis(unsupported.getProblem(), unsupported.getCure(), cause);
		}
		if (cause instanceof DatabaseInUseException inUse) {
			return new FailureAnalysis(describe(inUse), cure(inUse), cause);
		}
		return new FailureAnalysis(cause.getMessage(), null, cause);
	}

	private String describe(DatabaseInUseException inUse) {
		String other = inUse.isInThisProcess() ? "Another application context of this JVM" : "Another process";
		return other + " already replicates this database: it holds " + inUse.lock()
				+ ". Two replicators of one database file would take each other's checkpoints for foreign ones.";
	}

	private String cure(DatabaseInUseException inUse) {
		if (inUse.isInThisProcess()) {
			return "Close the other context first. If it is one that the test framework keeps, give each test"
					+ " configuration its own database file, or set 'litestream.enabled=false' where nothing has"
					+ " to be replicated.";
		}
		return "Stop the other process, such as an earlier instance of this application that has not ended yet."
				+ " Several instances cannot share one database file.";
	}

	private String origin(InvalidLitestreamPropertyException failure) {
		Origin origin = (this.environment != null) ? new PropertyOrigins(this.environment).origin(failure.getProperty())
				: null;
		return (origin != null) ? " It is set in " + origin + "." : "";
	}

	private String describe(RestoreFailedException failure) {
		if (failure.getCause() instanceof NoBackupException) {
			return "The database '" + failure.database() + "' does not exist, and " + failure.replica()
					+ " holds no backup of it, which '" + onStartup(failure) + "=required' asks for.";
		}
		Throwable cause = failure.getCause();
		String reason = (cause != null && cause.getMessage() != null) ? cause.getMessage() : "the reason is unknown";
		return "The database '" + failure.database() + "' could not be restored from " + failure.replica() + ": "
				+ reason;
	}

	private String cure(RestoreFailedException failure) {
		if (failure.getCause() instanceof NoBackupException) {
			return "Correct the replica's URL or path. If this database is new, start it once with '"
					+ onStartup(failure) + "=if-missing'.";
		}
		String first = (failure.getCause() instanceof ReplicaUnavailableException)
				? "Start the replica, or correct the replica's URL, and start the application again."
				: "Correct this and start the application again.";
		return first + " To start without a restore, on an empty database if there is no other, set '"
				+ onStartup(failure) + "=never'.";
	}

	private String onStartup(RestoreFailedException failure) {
		PropertyKey key = (this.environment != null) ? PropertyKey.ofDatabase(failure.database(), this.environment)
				: new PropertyKey("litestream");
		return key.child("restore.on-startup").name();
	}

}
