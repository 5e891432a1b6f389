package dev.litestream.benchmarks.writer;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the application writes.
 *
 * @param workload the workload
 * @param commits number of commits of {@code PACED}, or rows to change of {@code TOUCH}
 * @param rate commits per second of {@code PACED}
 * @param megabytes size of {@code LOAD}
 * @param seconds how long {@code SMALL} lasts
 * @param writers threads of {@code SMALL}
 * @param exit whether the application ends afterwards; otherwise it waits to be ended
 */
@ConfigurationProperties("writer")
record WriterSettings(@DefaultValue("NONE") Kind workload, @DefaultValue("100") int commits,
		@DefaultValue("10") double rate, @DefaultValue("60") int megabytes, @DefaultValue("10") double seconds,
		@DefaultValue("1") int writers, @DefaultValue("false") boolean exit) {

	/** The workloads. */
	enum Kind {

		/** Creates the tables if they are missing. */
		NONE,

		/** Single rows at a steady rate. */
		PACED,

		/** Transactions of a megabyte as fast as possible. */
		LOAD,

		/** Single rows as fast as possible. */
		SMALL,

		/** Changes rows that are spread over the table, in one transaction. */
		TOUCH

	}

}
