package dev.litestream.spring.doctor;

/**
 * A problem, or a setting that will cause one.
 *
 * @param id stable name of this kind of finding, such as {@code busy-timeout}
 * @param severity how bad it is
 * @param subject what it was found in: a DataSource, a database file or the application;
 * never holds a secret
 * @param meaning what it means, in sentences
 * @param cure what to change, in sentences
 */
public record Finding(String id, Severity severity, String subject, String meaning, String cure) {

	/** In one line, without the severity, which is the log's. */
	String toLog() {
		return "SQLite doctor: " + this.id + " (" + this.subject + "): " + this.meaning + " " + this.cure;
	}

}
