package dev.litestream.spring;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

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
