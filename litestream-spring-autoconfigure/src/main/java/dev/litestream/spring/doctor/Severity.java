package dev.litestream.spring.doctor;

/** How bad a {@link Finding} is. */
public enum Severity {

	/** Costs speed, or is a choice to be aware of. */
	INFO,

	/** Fails under load, or loses what the application takes for written. */
	WARNING,

	/** Can corrupt the database. */
	ERROR

}
