package dev.litestream.spring;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;

import javax.sql.ConnectionPoolDataSource;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.Txid;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.javax.SQLiteConnectionPoolDataSource;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Whatever DataSource an application uses: its connections are prepared, its commits are
 * seen at once, and its bean keeps its type. The sync interval is an hour: what reaches
 * the replica was signalled.
 */
@ExtendWith(OutputCaptureExtension.class)
class DataSourceIntegrationTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(SCHEMA, "milk");
		this.context = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("litestream.dbs[0].sync-interval=1h");
	}

	private void run(ContextConsumer<AssertableApplicationContext> consumer, String... properties) {
		this.context.withPropertyValues("spring.datasource.url=" + this.notes.url())
			.withPropertyValues(properties)
			.run(consumer);
	}

	private <T extends DataSource> void runWithBean(Class<T> type, T bean,
			ContextConsumer<AssertableApplicationContext> consumer) {
		this.context.withBean("dataSource", type, () -> bean).run(consumer);
	}

	@Test
	void autoConfiguredPoolStaysAsItIs() {
		run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(pool).isExactlyInstanceOf(HikariDataSource.class);
			assertThat(pool.getJdbcUrl()).isEqualTo(this.notes.url());
			assertCommitsAreSignalled(context, pool);
		});
	}

	@Test
	void eachPhysicalConnectionOfPoolIsPrepared() {
		run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			List<Connection> connections = new ArrayList<>();
			try {
				for (int i = 0; i < 3; i++) {
					connections.add(pool.getConnection());
				}
				assertThat(connections.stream().map(DataSourceIntegrationTests::physical).distinct()).hasSize(3);
				for (Connection connection : connections) {
					assertPrepared(connection);
				}
			}
			finally {
				for (Connection connection : connections) {
					connection.close();
				}
			}
		}, "spring.datasource.hikari.maximum-pool-size=3");
	}

	@Test
	void busyTimeoutOfTheApplicationIsKept() {
		run((context) -> assertThat(pragma(context.getBean(DataSource.class), "busy_timeout")).isEqualTo("7000"),
				"spring.datasource.hikari.data-source-properties.busy_timeout=7000");
	}

	@Test
	void busyTimeoutIsSetIfThereIsNone() {
		run((context) -> assertThat(pragma(context.getBean(DataSource.class), "busy_timeout")).isEqualTo("5000"),
				"spring.datasource.hikari.data-source-properties.busy_timeout=0");
	}

	@Test
	void settingsInTheUrlAreKept() {
		this.context.withPropertyValues("spring.datasource.url=" + this.notes.url() + "?foreign_keys=on")
			.run((context) -> {
				assertThat(pragma(context.getBean(DataSource.class), "foreign_keys")).isEqualTo("1");
				assertCommitsAreSignalled(context, context.getBean(DataSource.class));
			});
	}

	@Test
	void poolWithoutAutoCommit() {
		run((context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)),
				"spring.datasource.hikari.auto-commit=false");
	}

	@Test
	void poolOverDataSourceClass() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSourceClassName(SQLiteDataSource.class.getName());
		pool.addDataSourceProperty("url", this.notes.url());
		runWithBean(HikariDataSource.class, pool, (context) -> {
			assertThat(context.getBean(HikariDataSource.class)).isSameAs(pool);
			assertCommitsAreSignalled(context, pool);
		});
	}

	@Test
	void poolOverDataSource() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(new DriverManagerDataSource(this.notes.url()));
		runWithBean(HikariDataSource.class, pool, (context) -> {
			assertThat(context.getBean(HikariDataSource.class)).isSameAs(pool);
			assertCommitsAreSignalled(context, pool);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void runningPool(boolean autoCommit) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.notes.url());
		config.setAutoCommit(autoCommit);
		runWithBean(HikariDataSource.class, new HikariDataSource(config), (context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(AopUtils.isCglibProxy(pool)).isTrue();
			assertThat(pool.getJdbcUrl()).isEqualTo(this.notes.url());
			assertCommitsAreSignalled(context, pool);
		});
	}

	@Test
	void sqliteDataSource() {
		SQLiteDataSource dataSource = new SQLiteDataSource();
		dataSource.setUrl(this.notes.url());
		dataSource.setBusyTimeout(1234);
		runWithBean(SQLiteDataSource.class, dataSource, (context) -> {
			SQLiteDataSource bean = context.getBean(SQLiteDataSource.class);
			assertThat(bean.getConfig().getBusyTimeout()).isEqualTo(1234);
			assertThat(pragma(bean, "busy_timeout")).isEqualTo("1234");
			assertCommitsAreSignalled(context, bean);
		});
	}

	@Test
	void sqliteConnectionPoolDataSource() {
		SQLiteConnectionPoolDataSource dataSource = new SQLiteConnectionPoolDataSource();
		dataSource.setUrl(this.notes.url());
		runWithBean(SQLiteConnectionPoolDataSource.class, dataSource, (context) -> {
			assertCommitsAreSignalled(context, context.getBean(SQLiteConnectionPoolDataSource.class));
			var pooled = context.getBean(ConnectionPoolDataSource.class).getPooledConnection();
			try (Connection connection = pooled.getConnection()) {
				assertPrepared(connection);
			}
			finally {
				pooled.close();
			}
		});
	}

	@Test
	void driverManagerDataSource() {
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(this.notes.url()),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DriverManagerDataSource.class)));
	}

	@Test
	void singleConnectionDataSource() {
		runWithBean(SingleConnectionDataSource.class, new SingleConnectionDataSource(this.notes.url(), true),
				(context) -> assertCommitsAreSignalled(context, context.getBean(SingleConnectionDataSource.class)));
	}

	@Test
	void dataSourceOfTheApplication() {
		runWithBean(OwnDataSource.class, new OwnDataSource(this.notes.url()),
				(context) -> assertCommitsAreSignalled(context, context.getBean(OwnDataSource.class)));
	}

	@Test
	void dataSourceThatCannotBeProxiedIsUsedAsItIsWithWarning(CapturedOutput output) {
		FinalDataSource dataSource = new FinalDataSource(this.notes.url());
		runWithBean(FinalDataSource.class, dataSource, (context) -> {
			assertThat(context.getBean(FinalDataSource.class)).isSameAs(dataSource);
			assertThat(NotesDatabase.notes(dataSource)).containsExactly("milk");
		});
		assertThat(output).containsOnlyOnce(FinalDataSource.class.getName() + " is final")
			.contains("replicated by polling");
	}

	@Test
	void targetOfWrapperIsAdaptedNotTheWrapper() {
		DelegatingDataSource wrapper = new TransactionAwareDataSourceProxy(
				new DriverManagerDataSource(this.notes.url()));
		runWithBean(DelegatingDataSource.class, wrapper, (context) -> {
			assertThat(context.getBean(DelegatingDataSource.class)).isSameAs(wrapper);
			assertCommitsAreSignalled(context, wrapper);
		});
	}

	@Test
	void lazyConnectionStaysLazy() {
		run((context) -> {
			DataSource lazy = context.getBean(DataSource.class);
			assertThat(lazy).isExactlyInstanceOf(LazyConnectionDataSourceProxy.class);
			HikariDataSource pool = lazy.unwrap(HikariDataSource.class);
			try (Connection connection = lazy.getConnection()) {
				assertThat(connection.isClosed()).isFalse();
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			}
			assertCommitsAreSignalled(context, lazy);
		}, "spring.datasource.connection-fetch=lazy");
	}

	@Test
	void connectionThatOnlyReads() {
		String url = this.notes.url() + "?open_mode=1";
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url), (context) -> {
			assertThat(context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
			assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk");
		});
	}

	@Test
	void dataSourceInScope() {
		this.context.withUserConfiguration(ScopedDataSource.class)
			.withPropertyValues("test.url=" + this.notes.url())
			.run((context) -> {
				assertThat(context.getBean("dataSource")).isInstanceOf(ScopedObject.class);
				assertCommitsAreSignalled(context, context.getBean("dataSource", DataSource.class));
			});
	}

	@Test
	void routingDataSourceIsLeftAlone() {
		AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

			@Override
			protected Object determineCurrentLookupKey() {
				return "notes";
			}

		};
		routing.setTargetDataSources(Map.of("notes", new DriverManagerDataSource(this.notes.url())));
		runWithBean(AbstractRoutingDataSource.class, routing,
				(context) -> assertThat(context.getBean(DataSource.class)).isSameAs(routing));
	}

	@Test
	void databaseThatIsNotReplicatedIsLeftAlone() {
		NotesDatabase other = new NotesDatabase(this.directory, "other");
		other.create(SCHEMA, "private");
		DriverManagerDataSource dataSource = new DriverManagerDataSource(other.url());
		runWithBean(DriverManagerDataSource.class, dataSource, (context) -> {
			assertThat(context.getBean(DataSource.class)).isSameAs(dataSource);
			assertThat(pragma(dataSource, "journal_mode")).isEqualTo("delete");
		});
	}

	@Test
	void databaseInMemoryIsLeftAlone() {
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource("jdbc:sqlite::memory:"),
				(context) -> assertThat(pragma(context.getBean(DataSource.class), "journal_mode")).isEqualTo("memory"));
	}

	@Test
	void otherDatabaseProductIsLeftAlone() {
		DriverManagerDataSource dataSource = new DriverManagerDataSource("jdbc:postgresql://localhost/app");
		runWithBean(DriverManagerDataSource.class, dataSource,
				(context) -> assertThat(context.getBean(DataSource.class)).isSameAs(dataSource));
	}

	@Test
	void databaseIsKnownByItsFileNotByItsUrl() throws Exception {
		Path link = java.nio.file.Files.createSymbolicLink(this.directory.resolve("link.db"), this.notes.path());
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource("jdbc:sqlite:" + link),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "cache=shared", "locking_mode=EXCLUSIVE", "shared_cache=true" })
	void connectionThatCannotBeReplicatedIsRefused(String setting) {
		String url = "jdbc:sqlite:file:" + this.notes.path() + "?" + setting;
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url),
				(context) -> assertThatThrownBy(() -> context.getBean(DataSource.class).getConnection())
					.isInstanceOf(UnsupportedConnectionException.class)
					.hasMessageContaining(this.notes.path().toString())
					.hasMessageContaining(
							"Remove " + setting.replaceAll("=true", "").replaceAll("shared_cache", "cache=shared")));
	}

	private void assertCommitsAreSignalled(ApplicationContext context, DataSource dataSource) throws Exception {
		ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
		assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
		try (Connection connection = dataSource.getConnection()) {
			assertPrepared(connection);
		}
		for (String note : new String[] { "bread", "butter" }) {
			Txid before = database.status().replicatedTxid();
			NotesDatabase.insert(dataSource, note);
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(database.status().replicatedTxid()).isGreaterThan(before));
		}
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread", "butter");
	}

	private static void assertPrepared(Connection connection) throws SQLException {
		assertThat(pragma(connection, "journal_mode")).isEqualTo("wal");
		assertThat(pragma(connection, "wal_autocheckpoint")).isEqualTo("0");
		assertThat(pragma(connection, "busy_timeout")).isNotEqualTo("0");
		if (!connection.getAutoCommit()) {
			connection.commit();
		}
	}

	private static String pragma(DataSource dataSource, String name) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return pragma(connection, name);
		}
	}

	private static String pragma(Connection connection, String name) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("pragma " + name)) {
			return result.getString(1);
		}
	}

	private static SQLiteConnection physical(Connection connection) {
		try {
			return connection.unwrap(SQLiteConnection.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedDataSource {

		@Bean
		static CustomScopeConfigurer scopes() {
			CustomScopeConfigurer scopes = new CustomScopeConfigurer();
			scopes.addScope("thread", new SimpleThreadScope());
			return scopes;
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		DriverManagerDataSource dataSource(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("test.url"));
		}

	}

	static class OwnDataSource implements DataSource {

		private final String location;

		OwnDataSource(String location) {
			this.location = location;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return DriverManager.getConnection(this.location);
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

		@Override
		public PrintWriter getLogWriter() {
			return null;
		}

		@Override
		public void setLogWriter(PrintWriter out) {
		}

		@Override
		public void setLoginTimeout(int seconds) {
		}

		@Override
		public int getLoginTimeout() {
			return 0;
		}

		@Override
		public Logger getParentLogger() {
			return Logger.getGlobal();
		}

		@Override
		public <T> T unwrap(Class<T> type) {
			return type.cast(this);
		}

		@Override
		public boolean isWrapperFor(Class<?> type) {
			return type.isInstance(this);
		}

	}

	static final class FinalDataSource extends OwnDataSource {

		FinalDataSource(String location) {
			super(location);
		}

	}

}
