package dev.litestream.spring.doctor;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteConfig.TransactionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What settings of connections bite.
 */
class ConnectionChecksTests {

	private static final ConnectionSettings GOOD = new ConnectionSettings(5000, 2, 0, 0, TransactionMode.IMMEDIATE,
			false);

	private List<Finding> findings(ConnectionSettings settings, @Nullable Integer poolSize) {
		return new ConnectionChecks("DataSource 'app'", settings, poolSize, 2, false).findings();
	}

	private void assertFinds(ConnectionSettings settings, String id, Severity severity, String meaning, String cure) {
		assertThat(findings(settings, 4)).singleElement().satisfies((finding) -> {
			assertThat(finding.id()).isEqualTo(id);
			assertThat(finding.severity()).isEqualTo(severity);
			assertThat(finding.subject()).isEqualTo("DataSource 'app'");
			assertThat(finding.meaning()).contains(meaning).endsWith(".");
			assertThat(finding.cure()).contains(cure).endsWith(".");
		});
	}

	@Test
	void goodSettings() {
		assertThat(findings(GOOD, 4)).isEmpty();
		assertThat(findings(GOOD, null)).isEmpty();
	}

	@Test
	void busyTimeoutNotInForce() {
		assertFinds(new ConnectionSettings(0, 2, 0, 0, TransactionMode.IMMEDIATE, false), "busy-timeout", Severity.INFO,
				"SQLITE_BUSY", "busy_timeout=5000");
	}

	@Test
	void deferredTransactions() {
		assertFinds(new ConnectionSettings(5000, 2, 0, 0, TransactionMode.DEFERRED, false), "transaction-mode",
				Severity.INFO, "SQLITE_BUSY_SNAPSHOT", "transaction_mode=IMMEDIATE");
	}

	@Test
	void deferredTransactionsOfJpa() {
		ConnectionSettings deferred = new ConnectionSettings(5000, 2, 0, 0, TransactionMode.DEFERRED, false);
		assertThat(new ConnectionChecks("JPA", deferred, 4, 2, true).findings()).singleElement()
			.extracting(Finding::cure)
			.asString()
			.startsWith("If each generated id of your entities is GenerationType.IDENTITY, add");
	}

	@Test
	void deferredTransactionsWithoutPool() {
		ConnectionSettings deferred = new ConnectionSettings(5000, 2, 0, 0, TransactionMode.DEFERRED, false);
		assertThat(findings(deferred, null)).extracting(Finding::id).containsExactly("transaction-mode");
	}

	@Test
	void deferredTransactionsOfOneConnectionOrOfReaders() {
		ConnectionSettings deferred = new ConnectionSettings(5000, 2, 0, 0, TransactionMode.DEFERRED, false);
		assertThat(findings(deferred, 1)).isEmpty();
		assertThat(findings(new ConnectionSettings(5000, 1, 0, 1000, TransactionMode.DEFERRED, true), 4)).isEmpty();
	}

	@Test
	void synchronousOff() {
		assertFinds(new ConnectionSettings(5000, 0, 0, 0, TransactionMode.IMMEDIATE, false), "synchronous",
				Severity.WARNING, "corrupt the database", "synchronous=NORMAL or FULL");
	}

	@Test
	void synchronousNormal() {
		assertFinds(new ConnectionSettings(5000, 1, 0, 0, TransactionMode.IMMEDIATE, false), "synchronous",
				Severity.INFO, "power failure", "synchronous=FULL");
	}

	@Test
	void memoryMapping() {
		assertFinds(new ConnectionSettings(5000, 2, 268435456, 0, TransactionMode.IMMEDIATE, false), "mmap-size",
				Severity.INFO, "mmap_size=268435456", "Remove mmap_size");
	}

	@Test
	void foreignAutocheckpoint() {
		assertFinds(new ConnectionSettings(5000, 2, 0, 1000, TransactionMode.IMMEDIATE, false), "wal-autocheckpoint",
				Severity.INFO, "every 1000 pages", "wal_autocheckpoint=0");
	}

	@ParameterizedTest
	@CsvSource({ "4, false", "5, true", "10, true" })
	void poolLargerThanUseful(int size, boolean found) {
		List<Finding> findings = findings(GOOD, size);
		assertThat(findings).hasSize(found ? 1 : 0).allSatisfy((finding) -> {
			assertThat(finding.id()).isEqualTo("pool-size");
			assertThat(finding.severity()).isEqualTo(Severity.INFO);
			assertThat(finding.cure()).contains("maximum-pool-size to 4 or less");
		});
	}

}
