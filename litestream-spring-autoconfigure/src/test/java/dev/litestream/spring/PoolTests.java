package dev.litestream.spring;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A Hikari pool, however it is configured: its physical connections are prepared, its
 * commits are seen at once, and its bean keeps its type.
 */
class PoolTests extends AbstractDataSourceTests {

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
	@Hazard("F7")
	void eachPhysicalConnectionOfPoolIsPrepared() {
		run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			List<Connection> connections = new ArrayList<>();
			try {
				for (int i = 0; i < 3; i++) {
					connections.add(pool.getConnection());
				}
				assertThat(connections.stream().map(PoolTests::physical).distinct()).hasSize(3);
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
	void connectionWhoseTransactionSqliteEndedByItselfIsNotUsedAgain() {
		run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				statement.execute("create table filled (text text)");
				// a disk that is full, for this connection
				statement.execute("pragma max_page_count=1");
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
				try (Connection connection = pool.getConnection()) {
					connection.setAutoCommit(false);
					insert(connection, "x".repeat(100_000));
				}
			}).withMessageContaining("SQLITE_FULL");
			try (Connection connection = pool.getConnection()) {
				connection.setAutoCommit(false);
				insert(connection, "rolled back");
				connection.rollback();
				insert(connection, "committed");
				connection.commit();
			}
			assertThat(JdbcClient.create(pool).sql("select text from filled").query(String.class).list())
				.containsExactly("committed");
		}, "spring.datasource.hikari.maximum-pool-size=1");
	}

	private static void insert(Connection connection, String text) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("insert into filled values (?)")) {
			statement.setString(1, text);
			statement.executeUpdate();
		}
	}

	@Test
	void overrideOfTheApplicationIsKept() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(this.notes.url());
		SQLExceptionOverride own = new SQLExceptionOverride() {
		};
		pool.setExceptionOverride(own);
		runWithBean(HikariDataSource.class, pool,
				(context) -> assertThat(context.getBean(HikariDataSource.class).getExceptionOverride()).isSameAs(own));
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

	private static SQLiteConnection physical(Connection connection) {
		try {
			return connection.unwrap(SQLiteConnection.class);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
