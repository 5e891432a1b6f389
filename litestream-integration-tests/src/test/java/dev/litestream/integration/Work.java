package dev.litestream.integration;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application of the matrix does with its database, and what has to come back.
 */
final class Work {

	/** Longer than a page. */
	private static final String LONG_NOTE = "long note ".repeat(1000);

	private final ApplicationContext context;

	private final Notes notes;

	Work(ApplicationContext context) {
		this.context = context;
		this.notes = context.getBean(Notes.class);
	}

	void write() {
		this.notes.add("milk");
		this.notes.add("bread");
		this.notes.add(LONG_NOTE);
		this.notes.add("withdrawn");
		this.notes.replace("bread", "black bread");
		this.notes.remove("withdrawn");
		TransactionOperations transactions = this.context.getBean(TransactionOperations.class);
		transactions.executeWithoutResult((status) -> {
			this.notes.add("salt");
			this.notes.add("pepper");
		});
		transactions.executeWithoutResult((status) -> {
			this.notes.add("rolled back");
			status.setRollbackOnly();
		});
		if (this.context.containsBean("second")) {
			second().sql("create table audit (what text)").update();
			second().sql("insert into audit values ('written')").update();
		}
	}

	private JdbcClient second() {
		return JdbcClient.create(this.context.getBean("second", DataSource.class));
	}

	void requireRestored(Migration migration) {
		assertThat(this.notes.texts()).containsExactly("milk", "black bread", LONG_NOTE, "salt", "pepper");
		JdbcClient first = JdbcClient.create(this.context.getBean(DataSource.class));
		assertThat(first.sql(migration.historyQuery()).query(Integer.class).single()).isEqualTo(migration.entries());
		assertThat(first.sql("pragma integrity_check").query(String.class).list()).isEqualTo(List.of("ok"));
		if (this.context.containsBean("second")) {
			assertThat(second().sql("select what from audit").query(String.class).list()).containsExactly("written");
		}
		this.notes.add("written after the restore");
		assertThat(this.notes.texts()).endsWith("written after the restore");
	}

}
