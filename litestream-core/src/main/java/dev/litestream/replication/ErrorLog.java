package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.slf4j.Logger;

/**
 * Logs failures of one kind at most every 30 seconds, however often they come, go and
 * change their words, and logs the end of a failure that was logged. Thread-safe.
 */
final class ErrorLog {

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(30);

	private static final String TOO_MANY = "Too many open files";

	private static final String NO_DESCRIPTOR = "the process has no file descriptor left: raise its limit (ulimit -n)";

	private static final int SQLITE_CANTOPEN = 14;

	private final Logger logger;

	private final String database;

	private final LongSupplier nanoTime;

	/** When a failure of each kind was logged last. */
	private final Map<String, Long> logged = new HashMap<>();

	/** Whether a failure was logged since replication worked. */
	private boolean told;

	ErrorLog(Logger logger, String database) {
		this(logger, database, System::nanoTime);
	}

	ErrorLog(Logger logger, String database, LongSupplier nanoTime) {
		this.logger = logger;
		this.database = database;
		this.nanoTime = nanoTime;
	}

	/** A failure of some kind, of which there are only a few. */
	synchronized void failed(String what, Throwable cause) {
		long now = this.nanoTime.getAsLong();
		Long before = this.logged.get(what);
		if (before == null || now - before >= INTERVAL) {
			this.logged.put(what, now);
			this.told = true;
			this.logger.atWarn()
				.addKeyValue("database", this.database)
				.log("{}: {}: {}", this.database, what, describe(cause));
			this.logger.debug("{}: {}", this.database, what, cause);
		}
	}

	/** All failures have ended. */
	synchronized void recovered() {
		if (this.told) {
			this.told = false;
			this.logger.atInfo()
				.addKeyValue("database", this.database)
				.log("{}: replication works again", this.database);
		}
	}

	static String describe(Throwable cause) {
		String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
		// one that was described before says it already
		return (isOutOfDescriptors(cause, message) && !message.contains(NO_DESCRIPTOR)) ? message + "; " + NO_DESCRIPTOR
				: message;
	}

	/**
	 * SQLite says only that it cannot open a file: opening another one shows the reason.
	 */
	private static boolean isOutOfDescriptors(Throwable cause, String message) {
		if (message.contains(TOO_MANY)) {
			return true;
		}
		if (!(cause instanceof SQLException sql) || (sql.getErrorCode() & 0xff) != SQLITE_CANTOPEN) {
			return false;
		}
		try (InputStream in = Files.newInputStream(Path.of("/dev/null"))) {
			return in.read() >= 0;
		}
		catch (IOException ex) {
			return String.valueOf(ex.getMessage()).contains(TOO_MANY);
		}
	}

}
