package dev.litestream.spring.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;

/**
 * What is wrong with how the application uses its databases. {@code configured} are the
 * files of entries, {@code dropping} the settings by which tables are dropped.
 */
record UseChecks(Litestream litestream, Collection<Path> configured, KnownDataSources dataSources, boolean openInView,
		Collection<String> dropping) {

	List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		if (this.openInView) {
			findings.add(new Finding("open-in-view", Severity.INFO, "JPA",
					"Requests keep their connection until the view is rendered or the client has read the answer. A"
							+ " slow client then keeps others waiting for a connection, and a reader keeps the WAL from"
							+ " being checkpointed.",
					"Set spring.jpa.open-in-view=false and load what a view needs in a transaction."));
		}
		for (String setting : this.dropping) {
			findings.add(new Finding("drops-tables", Severity.WARNING, setting,
					"Tables are dropped by themselves, when the application starts or ends. What is dropped is dropped in"
							+ " the replica, too, and a restore brings back a database without it.",
					"Set spring.jpa.hibernate.ddl-auto=validate and create the tables by Flyway or Liquibase, or set"
							+ " update; spring.liquibase.drop-first=false."));
		}
		if (this.dataSources.complete() && !this.dataSources.sqlite().isEmpty()) {
			checkOpened(findings);
		}
		return findings;
	}

	private void checkOpened(List<Finding> findings) {
		Set<ReplicatedDatabase> opened = new HashSet<>();
		for (KnownDataSource dataSource : this.dataSources.sqlite()) {
			Path file = dataSource.file();
			ReplicatedDatabase database = (file != null) ? this.litestream.database(file) : null;
			if (database != null) {
				opened.add(database);
			}
			else if (file == null && !dataSource.inMemory()) {
				return; // it may open any
			}
		}
		for (Path path : this.configured) {
			ReplicatedDatabase database = this.litestream.database(path);
			if (database != null && !opened.contains(database)) {
				findings.add(new Finding("database-without-datasource", Severity.WARNING, path.toString(),
						"No DataSource bean opens this database. They open " + places()
								+ ". Changes by others are replicated after litestream.sync-interval, not immediately.",
						"If it is the application's database, name the same file in litestream.dbs[].path and in the"
								+ " JDBC URL."));
			}
		}
	}

	private String places() {
		return this.dataSources.sqlite()
			.stream()
			.map((dataSource) -> dataSource.inMemory() ? "a database in memory" : Objects.toString(dataSource.file()))
			.collect(Collectors.joining(" and "));
	}

}
