package dev.litestream.replication;

import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Logs a failure that goes on at most every 30 seconds, and its end. Safe for use by
 * several threads.
 */
final class ErrorLog {

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(30);

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
		return (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
	}

}
