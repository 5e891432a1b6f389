package dev.litestream.benchmarks.writer;

import java.util.Locale;

import dev.litestream.benchmarks.WallClock;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The application's two tables: rows, and marks, which an observer finds in the pages of
 * an LTX file. Thread-safe.
 */
@Component
class Tables {

	private static final int ROW_SIZE = 4000;

	private static final int ROWS_PER_MEGABYTE = 256;

	private static final int SMALL_ROW_SIZE = 100;

	private final JdbcClient jdbc;

	private final TransactionOperations transactions;

	Tables(JdbcClient jdbc, TransactionOperations transactions) {
		this.jdbc = jdbc;
		this.transactions = transactions;
	}

	void create() {
		this.jdbc.sql("create table if not exists mark(id integer primary key, text text)").update();
		this.jdbc.sql("create table if not exists item(id integer primary key, number integer, body blob)").update();
	}

	/** The largest mark, or 0. */
	long lastMark() {
		return this.jdbc.sql("select coalesce(max(id), 0) from mark").query(Long.class).single();
	}

	/**
	 * Commits a mark. Returns when the commit returned, in microseconds since the epoch.
	 */
	long mark(long id) {
		String text = String.format(Locale.ROOT, "MARK%010d", id);
		this.jdbc.sql("insert into mark(id, text) values(?, ?)").params(id, text).update();
		return WallClock.micros();
	}

	/** Commits a megabyte of rows. */
	void insertMegabyte(Rows rows) {
		this.transactions.executeWithoutResult((status) -> {
			for (int i = 0; i < ROWS_PER_MEGABYTE; i++) {
				insert(rows, ROW_SIZE);
			}
		});
	}

	/** Commits one small row. */
	void insertSmall(Rows rows) {
		insert(rows, SMALL_ROW_SIZE);
	}

	/** Commits changes of a number of rows anywhere in the table. */
	void touch(Rows rows, int count) {
		long last = this.jdbc.sql("select max(id) from item").query(Long.class).single();
		this.transactions.executeWithoutResult((status) -> {
			for (int i = 0; i < count; i++) {
				this.jdbc.sql("update item set body = ? where id = ?")
					.params(rows.next(ROW_SIZE), 1 + rows.random().nextLong(last))
					.update();
			}
		});
	}

	/** Copies the WAL into the database and truncates it. */
	void checkpoint() {
		this.jdbc.sql("pragma wal_checkpoint(truncate)").query().listOfRows();
	}

	private void insert(Rows rows, int size) {
		this.jdbc.sql("insert into item(number, body) values(?, ?)")
			.params(rows.random().nextInt(), rows.next(size))
			.update();
	}

}
