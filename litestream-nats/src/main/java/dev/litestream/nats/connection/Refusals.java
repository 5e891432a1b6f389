package dev.litestream.nats.connection;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The refusals for lack of permission that a request may still be waiting for, the last
 * ones. The server sends them apart from the requests, which then stay without an answer;
 * several requests are on their way at a time. Thread-safe.
 */
final class Refusals {

	/** More than wait at a time; a refusal that nobody waits for must not stay. */
	private static final int KEPT = 256;

	private final Map<String, MissingPermission> bySubject = new LinkedHashMap<>() {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, MissingPermission> eldest) {
			return size() > KEPT;
		}

	};

	synchronized void add(MissingPermission missing) {
		this.bySubject.put(missing.subject(), missing);
	}

	synchronized @Nullable MissingPermission of(String subject) {
		return this.bySubject.get(subject);
	}

	synchronized void forget(String subject) {
		this.bySubject.remove(subject);
	}

}
