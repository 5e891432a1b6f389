package dev.litestream.spring.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.TransactionMode;

/**
 * What is wrong with the connections of one DataSource. {@code poolSize} is {@code null}
 * without a pool.
 */
record ConnectionChecks(String subject, ConnectionSettings settings, @Nullable Integer poolSize, int processors,
		boolean jpa) {

	private static final String WRITERS = "Add transaction_mode=IMMEDIATE to the JDBC URL, or set"
			+ " litestream.datasource.split=true, so that transactions that only read do not wait for each other.";

	/**
	 * Hibernate takes generated ids, unless they are the database's, from a table in a
	 * transaction of its own.
	 */
	private static final String WRITERS_OF_JPA = "If each generated id of your entities is GenerationType.IDENTITY,"
			+ " add transaction_mode=IMMEDIATE to the JDBC URL, or set litestream.datasource.split=true. Hibernate"
			+ " takes other ids from a table on a second connection, which would wait in vain for the first.";

	/**
	 * More readers than this are of use for no query mix that does not wait for disks.
	 */
	private static final int USEFUL_PER_PROCESSOR = 2;

	/** Never called too large, however small the machine. */
	private static final int SMALL_POOL = 4;

	List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		checkBusyTimeout(findings);
		checkTransactionMode(findings);
		checkSynchronous(findings);
		checkMmap(findings);
		checkAutocheckpoint(findings);
		checkPoolSize(findings);
		return findings;
	}

	private void checkBusyTimeout(List<Finding> findings) {
		if (this.settings.busyTimeout() == 0) {
			findings.add(new Finding("busy-timeout", Severity.INFO, this.subject,
					"A connection that meets a lock fails immediately with SQLITE_BUSY, because busy_timeout is not in force.",
					"Add busy_timeout=5000 to the JDBC URL."));
		}
	}

	private void checkTransactionMode(List<Finding> findings) {
		boolean alone = this.poolSize != null && this.poolSize == 1;
		if (this.settings.transactionMode() == TransactionMode.DEFERRED && !this.settings.readOnly() && !alone) {
			findings.add(new Finding("transaction-mode", Severity.INFO, this.subject,
					"Transactions begin as readers. One that reads first and writes later fails with"
							+ " SQLITE_BUSY_SNAPSHOT if another one has committed in between, however long"
							+ " busy_timeout is.",
					this.jpa ? WRITERS_OF_JPA : WRITERS));
		}
	}

	private void checkSynchronous(List<Finding> findings) {
		if (this.settings.readOnly()) {
			return;
		}
		if (this.settings.synchronous() == 0) {
			findings.add(new Finding("synchronous", Severity.WARNING, this.subject,
					"With synchronous=OFF a power failure can corrupt the database, not only lose commits.",
					"Write synchronous=NORMAL or FULL in the JDBC URL."));
		}
		else if (this.settings.synchronous() == 1) {
			findings.add(new Finding("synchronous", Severity.INFO, this.subject,
					"With synchronous=NORMAL a power failure can take the last commits from the local file. The"
							+ " replica may have them then.",
					"Write synchronous=FULL in the JDBC URL if a commit must survive that on this disk."));
		}
	}

	private void checkMmap(List<Finding> findings) {
		if (this.settings.mmapSize() > 0) {
			findings.add(new Finding("mmap-size", Severity.INFO, this.subject, String.format(Locale.ROOT,
					"The database is read through memory mapping (mmap_size=%d). An error of the disk, or another",
					this.settings.mmapSize())
					+ " program that shortens the file, ends the whole JVM by SIGBUS instead of failing one"
					+ " statement.", "Remove mmap_size from the JDBC URL."));
		}
	}

	private void checkAutocheckpoint(List<Finding> findings) {
		if (this.settings.walAutocheckpoint() > 0 && !this.settings.readOnly()) {
			findings.add(new Finding("wal-autocheckpoint", Severity.INFO, this.subject, String.format(Locale.ROOT,
					"The connection runs its own checkpoint every %d pages, beside Litestream. Nothing is lost, but its",
					this.settings.walAutocheckpoint()) + " commits wait for these checkpoints, which cannot get far.",
					"Make the DataSource a bean, so that Litestream prepares its connections, and remove"
							+ " wal_autocheckpoint from connection-init-sql; or add wal_autocheckpoint=0 to the JDBC"
							+ " URL."));
		}
	}

	private void checkPoolSize(List<Finding> findings) {
		int useful = Math.max(SMALL_POOL, USEFUL_PER_PROCESSOR * this.processors);
		if (this.poolSize != null && this.poolSize > useful) {
			findings.add(new Finding("pool-size", Severity.INFO, this.subject, String.format(Locale.ROOT,
					"The pool keeps up to %d connections to a database that has one writer at a time, on %d processors."
							+ " Writers then wait for SQLite's lock, which is not fair, instead of for the pool, which is.",
					this.poolSize, this.processors),
					String.format(Locale.ROOT, "Set spring.datasource.hikari.maximum-pool-size to %d or less.",
							useful)));
		}
	}

}
