package dev.litestream.spring.doctor;

/** How bad a {@link Finding} is. */
public enum Severity {

	/** Costs speed, fails under load, or is a choice to be aware of. */
	INFO,

	/** Can lose what the application takes for written. */
	WARNING,

	/** Can corrupt the database. */
	ERROR

}
