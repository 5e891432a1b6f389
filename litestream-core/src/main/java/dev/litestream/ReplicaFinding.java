package dev.litestream;

/**
 * Something about a replica that an operator should know. Holds no secrets.
 *
 * @param severity how bad it is
 * @param code a short name that stays the same, such as {@code nearly-full}
 * @param message a sentence that says what is wrong and what to do about it
 */
public record ReplicaFinding(Severity severity, String code, String message) {

	/** How bad a finding is. */
	public enum Severity {

		/** Replication works, but with less safety or space than it could have. */
		WARNING,

		/** Backups are in danger: health is down. */
		ERROR

	}

}
