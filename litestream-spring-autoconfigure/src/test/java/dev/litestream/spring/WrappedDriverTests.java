package dev.litestream.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Properties;
import java.util.logging.Logger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.Litestream;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drivers that wrap SQLite's, such as those that log statements: whether connections are
 * prepared is decided by the connections.
 */
class WrappedDriverTests extends AbstractDataSourceTests {

	private final Driver driver = new WrappingDriver();

	@BeforeEach
	void registerDriver() throws SQLException {
		DriverManager.registerDriver(this.driver);
	}

	@AfterEach
	void deregisterDriver() throws SQLException {
		DriverManager.deregisterDriver(this.driver);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:spy:sqlite:", "jdbc:wrapped:by:name:" })
	void connectionsOfADriverArePrepared(String prefix) {
		String url = prefix + this.notes.path();
		runWithBean(DriverManagerDataSource.class, new DriverManagerDataSource(url),
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:spy:sqlite:", "jdbc:wrapped:by:name:" })
	void connectionsOfAPoolArePrepared(String prefix) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(prefix + this.notes.path());
		runWithBean(HikariDataSource.class, pool,
				(context) -> assertCommitsAreSignalled(context, context.getBean(DataSource.class)));
	}

	@Test
	void databaseOfTheUrlIsFound() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("litestream.replica.url=" + this.notes.replica().toUri(),
					"spring.datasource.url=jdbc:spy:sqlite:" + this.notes.path(),
					"spring.datasource.driver-class-name=" + WrappingDriver.class.getName())
			.run((context) -> assertThat(context.getBean(Litestream.class).database(this.notes.path())).isNotNull());
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:sqlite:a.db, true, false", "JDBC:P6Spy:SQLite:a.db, true, false",
			"jdbc:postgresql://host/db, false, true", "jdbc:h2:mem:sqlite:x, false, true",
			"jdbc:p6spy:postgresql://host/db, false, false", "jdbc:unknown:x, false, false" })
	void whatAUrlTells(String url, boolean sqlite, boolean another) {
		assertThat(SqliteUrl.matches(url)).isEqualTo(sqlite);
		assertThat(SqliteUrl.isOfAnother(url)).isEqualTo(another);
	}

	/** Its connections are not SQLite's, but unwrap to them. */
	public static final class WrappingDriver implements Driver {

		@Override
		public boolean acceptsURL(String url) {
			return url.startsWith("jdbc:spy:") || url.startsWith("jdbc:wrapped:");
		}

		@Override
		public @Nullable Connection connect(String url, Properties info) throws SQLException {
			if (!acceptsURL(url)) {
				return null;
			}
			Connection target = new JDBC().connect("jdbc:sqlite:" + url.replaceFirst(".*:", ""), info);
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, arguments) -> {
						try {
							return method.invoke(target, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

		@Override
		public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
			return new DriverPropertyInfo[0];
		}

		@Override
		public int getMajorVersion() {
			return 1;
		}

		@Override
		public int getMinorVersion() {
			return 0;
		}

		@Override
		public boolean jdbcCompliant() {
			return false;
		}

		@Override
		public Logger getParentLogger() {
			return Logger.getGlobal();
		}

	}

}
