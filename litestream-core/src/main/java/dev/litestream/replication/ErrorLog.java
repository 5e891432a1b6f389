package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs a failure that goes on at most every 30 seconds, and its end. Safe for use by
 * several threads.
 */
final class ErrorLog {

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(30);

	private static final String TOO_MANY = "Too many open files";

	private static final int SQLITE_CANTOPEN = 14;

	private final Logger logger;

	private final String database;

	private @Nullable String last;

	private long lastAt;

	ErrorLog(Logger logger, String database) {
		this.logger = logger;
		this.database = database;
	}

	synchronized void failed(String what, Throwable cause) {
		String message = what + ": " + describe(cause);
		long now = System.nanoTime();
		if (!message.equals(this.last) || now - this.lastAt > INTERVAL) {
			this.last = message;
			this.lastAt = now;
			this.logger.warn("{}: {}", this.database, message);
			this.logger.debug("{}: {}", this.database, what, cause);
		}
	}

	synchronized void recovered() {
		if (this.last != null) {
			this.last = null;
			this.logger.info("{}: replication works again", this.database);
		}
	}

	static String describe(Throwable cause) {
		String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
		return isOutOfDescriptors(cause, message)
				? message + "; the process has no file descriptor left: raise its limit (ulimit -n)" : message;
	}

	/** SQLite says only that it cannot open a file; so it is tried with another one. */
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
