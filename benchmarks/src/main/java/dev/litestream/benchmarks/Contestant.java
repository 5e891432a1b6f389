package dev.litestream.benchmarks;

/**
 * Who is measured.
 */
enum Contestant {

	/** What the machine and the server do at best, with none of the two programs. */
	LIMIT("limit"),

	/** The application without replication. */
	NONE("no replication"),

	/** The {@code litestream} program beside the application, with its defaults. */
	ORIGINAL("litestream"),

	/** The {@code litestream} program with all intervals at one millisecond. */
	ORIGINAL_1MS("litestream, 1 ms"),

	/** The starter in the application, with its defaults. */
	OURS("this engine");

	private final String title;

	Contestant(String title) {
		this.title = title;
	}

	/** Its name in tables and charts. */
	String title() {
		return this.title;
	}

	/** Whether the {@code litestream} program replicates. */
	boolean isOriginal() {
		return this == ORIGINAL || this == ORIGINAL_1MS;
	}

}
