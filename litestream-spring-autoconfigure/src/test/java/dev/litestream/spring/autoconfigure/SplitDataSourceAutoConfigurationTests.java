package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.Litestream;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.doctor.SqliteDoctor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * SQLite's one writer apart from its readers.
 */
class SplitDataSourceAutoConfigurationTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))",
				"create table account (id integer primary key, balance integer not null)",
				"insert into account values (1, 1000), (2, 1000), (3, 1000), (4, 1000)"), "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					SplitDataSourceAutoConfiguration.class, SqliteDoctorAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("litestream.datasource.split=true", "litestream.doctor.ignore[0]=driver-copies",
					"spring.datasource.url=" + this.notes.url());
	}

	private static TransactionTemplate transactions(ApplicationContext context, boolean readOnly) {
		TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		template.setReadOnly(readOnly);
		return template;
	}

	@Test
	void transactionsThatOnlyReadUseReaders() {
		this.context.run((context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			HikariDataSource writer = context.getBean("litestreamWriterDataSource", HikariDataSource.class);
			HikariDataSource readers = context.getBean("litestreamReaderDataSource", HikariDataSource.class);
			assertThat(context.getBean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
			transactions(context, true).executeWithoutResult((status) -> {
				assertThat(jdbc.sql("select text from notes").query(String.class).list()).containsExactly("milk");
				assertThat(readers.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
				assertThat(writer.getHikariPoolMXBean()).satisfiesAnyOf((pool) -> assertThat(pool).isNull(),
						(pool) -> assertThat(pool.getActiveConnections()).isZero());
			});
			transactions(context, false).executeWithoutResult((status) -> {
				jdbc.sql("insert into notes (text) values ('bread')").update();
				assertThat(writer.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
				assertThat(readers.getHikariPoolMXBean().getActiveConnections()).isZero();
			});
			jdbc.sql("insert into notes (text) values ('butter')").update();
			assertThatThrownBy(() -> transactions(context, true)
				.executeWithoutResult((status) -> jdbc.sql("insert into notes (text) values ('refused')").update()))
				.isInstanceOf(DataAccessException.class)
				.hasMessageContaining("readonly");
			assertThat(context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
		});
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread", "butter");
	}

	@Test
	void writerTakesTheWriteLockAtOnceAndReadersDoNotWaitForIt() {
		this.context.run((context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			JdbcClient outside = JdbcClient.create(new DriverManagerDataSource(this.notes.url() + "?busy_timeout=0"));
			ExecutorService other = Executors.newSingleThreadExecutor();
			try {
				transactions(context, false).executeWithoutResult((status) -> {
					jdbc.sql("select count(*) from notes").query(Integer.class).single();
					assertThatThrownBy(() -> outside.sql("insert into notes (text) values ('no')").update())
						.hasMessageContaining("SQLITE_BUSY");
					jdbc.sql("insert into notes (text) values ('bread')").update();
					Future<List<String>> read = other.submit(() -> transactions(context, true)
						.execute((inner) -> jdbc.sql("select text from notes").query(String.class).list()));
					assertThat(read).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(List.of("milk"));
				});
			}
			finally {
				other.shutdownNow();
			}
		});
	}

	/** Readers that then write fail with SQLITE_BUSY_SNAPSHOT in this load otherwise. */
	@Test
	void noTransactionIsBusyUnderLoad() {
		this.context.run((context) -> {
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			int threads = 8;
			int rounds = 100;
			AtomicInteger transfers = new AtomicInteger();
			ExecutorService executor = Executors.newFixedThreadPool(threads);
			CountDownLatch start = new CountDownLatch(1);
			List<Future<?>> results = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				boolean writes = i % 2 == 0;
				int from = i % 4 + 1;
				results.add(executor.submit(() -> {
					start.await();
					for (int round = 0; round < rounds; round++) {
						if (writes) {
							transactions(context, false).executeWithoutResult((status) -> transfer(jdbc, from));
							transfers.incrementAndGet();
						}
						else {
							transactions(context, true).executeWithoutResult((status) -> assertThat(
									jdbc.sql("select sum(balance) from account").query(Integer.class).single())
								.isEqualTo(4000));
						}
					}
					return null;
				}));
			}
			start.countDown();
			for (Future<?> result : results) {
				result.get(60, TimeUnit.SECONDS);
			}
			executor.shutdown();
			assertThat(transfers).hasValue(threads / 2 * rounds);
			assertThat(jdbc.sql("select count(*) from notes").query(Integer.class).single())
				.isEqualTo(1 + threads / 2 * rounds);
		});
		assertThat(this.notes.notesInReplica()).hasSize(401);
	}

	private static void transfer(JdbcClient jdbc, int from) {
		int balance = jdbc.sql("select balance from account where id = ?").param(from).query(Integer.class).single();
		jdbc.sql("update account set balance = ? where id = ?").params(balance - 1, from).update();
		jdbc.sql("update account set balance = balance + 1 where id = ?").param(from % 4 + 1).update();
		jdbc.sql("insert into notes (text) values ('transfer')").update();
	}

	@Test
	void doctorIsContent() {
		this.context.run((context) -> assertThat(context.getBean(SqliteDoctor.class).report().findings()).isEmpty());
	}

	@Test
	void restoredBeforeEitherPoolOpens() {
		NotesDatabase restored = new NotesDatabase(this.directory, "restored").onlyInReplica("salt");
		this.context
			.withPropertyValues("litestream.dbs[0].path=" + restored.path(),
					"litestream.dbs[0].replica.url=" + restored.replica().toUri(),
					"spring.datasource.url=" + restored.url())
			.run((context) -> assertThat(NotesDatabase.notes(context.getBean(DataSource.class)))
				.containsExactly("salt"));
	}

	@Test
	void readersOfANewDatabase() {
		Path path = this.directory.resolve("new.db");
		this.context
			.withPropertyValues("litestream.dbs[0].path=" + path,
					"litestream.dbs[0].replica.path=" + this.directory.resolve("new"), "litestream.dbs[0].replica.url=",
					"spring.datasource.url=jdbc:sqlite:" + path, "litestream.doctor.enabled=false")
			.run((context) -> assertThat(
					transactions(context, true).<Integer>execute((status) -> context.getBean(JdbcClient.class)
						.sql("select count(*) from sqlite_schema")
						.query(Integer.class)
						.single()))
				.isZero());
	}

	@Test
	void settingsOfThePoolAreTakenOver() {
		this.context
			.withPropertyValues("spring.datasource.hikari.connection-timeout=1234",
					"spring.datasource.hikari.maximum-pool-size=20", "litestream.datasource.max-readers=3")
			.run((context) -> {
				HikariDataSource writer = context.getBean("litestreamWriterDataSource", HikariDataSource.class);
				HikariDataSource readers = context.getBean("litestreamReaderDataSource", HikariDataSource.class);
				assertThat(writer.getConnectionTimeout()).isEqualTo(1234);
				assertThat(readers.getConnectionTimeout()).isEqualTo(1234);
				assertThat(writer.getMaximumPoolSize()).isEqualTo(1);
				assertThat(readers.getMaximumPoolSize()).isEqualTo(3);
			});
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:sqlite:a.db, jdbc:sqlite:a.db?transaction_mode=X",
			"jdbc:sqlite:a.db?foreign_keys=on, jdbc:sqlite:a.db?foreign_keys=on&transaction_mode=X",
			"jdbc:sqlite:a.db?transaction_mode=IMMEDIATE, jdbc:sqlite:a.db?transaction_mode=X",
			"jdbc:sqlite:a.db?transaction_mode=IMMEDIATE&foreign_keys=on, jdbc:sqlite:a.db?foreign_keys=on&transaction_mode=X",
			"jdbc:sqlite:a.db?foreign_keys=on&Transaction_Mode=DEFERRED, jdbc:sqlite:a.db?foreign_keys=on&transaction_mode=X" })
	void transactionModeOfTheUrlIsReplaced(String url, String expected) {
		assertThat(SplitPools.withTransactionMode(url, "X")).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite::memory:", "jdbc:h2:mem:app" })
	void databaseThatCannotBeSplit(String url) {
		this.context
			.withPropertyValues("spring.datasource.url=" + url,
					"spring.datasource.driver-class-name=" + org.sqlite.JDBC.class.getName())
			.run((context) -> assertRefused(context, "litestream.datasource.split", "Remove it"));
	}

	@Test
	void dataSourceOfTheApplicationCannotBeSplit() {
		this.context.withBean(DataSource.class, () -> new DriverManagerDataSource(this.notes.url()))
			.run((context) -> assertRefused(context, "litestream.datasource.split", "Remove it"));
	}

	@Test
	void withoutReaders() {
		this.context.withPropertyValues("litestream.datasource.max-readers=0")
			.run((context) -> assertRefused(context, "litestream.datasource.max-readers", "1 or more"));
	}

	private void assertRefused(AssertableApplicationContext context, String key, String cure) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new LitestreamFailureAnalyzer(new StandardEnvironment())
			.analyze(context.getStartupFailure());
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).startsWith("The property '" + key + "' ");
		assertThat(analysis.getAction()).contains(cure);
	}

	@Test
	void notWithoutBeingAskedFor() {
		this.context.withPropertyValues("litestream.datasource.split=false")
			.run((context) -> assertThat(context).hasSingleBean(HikariDataSource.class));
	}

	@Test
	void alsoWhenNothingIsReplicated() {
		this.context.withPropertyValues("litestream.enabled=false")
			.run((context) -> assertThat(context.getBean(DataSource.class))
				.isInstanceOf(LazyConnectionDataSourceProxy.class));
	}

}
