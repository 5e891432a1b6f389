package dev.litestream.integration;

import java.util.List;

/** What creates the tables of an application, and what it leaves of that. */
enum Migration {

	FLYWAY("flyway_schema_history", 2), LIQUIBASE("DATABASECHANGELOG", 2), SCRIPTS("created", 1);

	private final String history;

	private final int entries;

	Migration(String history, int entries) {
		this.history = history;
		this.entries = entries;
	}

	/** Counts what was done, once and for all. */
	String historyQuery() {
		return "select count(*) from " + this.history;
	}

	/** What the query answers, however often the application has started. */
	int entries() {
		return this.entries;
	}

	List<String> properties() {
		return List.of("spring.flyway.enabled=" + (this == FLYWAY), "spring.liquibase.enabled=" + (this == LIQUIBASE),
				"spring.liquibase.change-log=classpath:db/changelog/notes.sql",
				"spring.sql.init.mode=" + ((this == SCRIPTS) ? "always" : "never"));
	}

}
