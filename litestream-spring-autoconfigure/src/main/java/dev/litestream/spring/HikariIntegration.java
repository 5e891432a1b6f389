package dev.litestream.spring;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link PreparingDataSource} below a Hikari pool that has not started. The pool
 * prefers it to its JDBC URL, which stays visible; beneath it the connections are opened
 * as the pool would have done, from its own settings. Apart from its only user so that
 * Hikari may be absent.
 */
final class HikariIntegration {

	private HikariIntegration() {
	}

	static boolean isPool(DataSource dataSource) {
		return dataSource instanceof HikariDataSource;
	}

	static boolean isRunning(DataSource dataSource) {
		return dataSource instanceof HikariDataSource pool && pool.isRunning();
	}

	/**
	 * Configures a pool to prepare its connections. Returns {@code false} if it has
	 * started and can no longer be configured.
	 */
	static boolean configure(DataSource dataSource, ConnectionPreparer preparer) {
		HikariDataSource pool = (HikariDataSource) dataSource;
		DataSource configured = pool.getDataSource();
		if (configured instanceof PreparingDataSource) {
			return true;
		}
		if (pool.isRunning()) {
			return false;
		}
		String className = pool.getDataSourceClassName();
		if (configured == null && className == null && pool.getJdbcUrl() == null) {
			return false; // JNDI, or not configured
		}
		try {
			pool.setDataSource(new PreparingDataSource(() -> target(pool, configured, className), preparer));
			if (className != null) {
				pool.setDataSourceClassName(null); // else the pool warns that it ignores
													// it
			}
			if (pool.getExceptionOverride() == null && pool.getExceptionOverrideClassName() == null) {
				pool.setExceptionOverride(new EndedTransactions());
			}
			return true;
		}
		catch (IllegalStateException ex) {
			return false; // sealed: suspended or closed
		}
	}

	/**
	 * Opens a connection as the pool does, but outside of it; {@code null} if the pool
	 * does not show how it opens one.
	 */
	static @Nullable Connection ownConnection(DataSource dataSource) throws SQLException {
		HikariDataSource pool = (HikariDataSource) dataSource;
		String className = pool.getDataSourceClassName();
		DataSource source = pool.getDataSource();
		if (source == null && className == null && pool.getJdbcUrl() == null) {
			return null;
		}
		Connection connection = target(pool, source, className).getConnection();
		String sql = pool.getConnectionInitSql();
		if (sql != null) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
			catch (SQLException ex) {
				connection.close();
				throw ex;
			}
		}
		return connection;
	}

	private static DataSource target(HikariDataSource pool, @Nullable DataSource configured,
			@Nullable String className) {
		if (configured != null) {
			return configured;
		}
		Properties properties = pool.getDataSourceProperties();
		if (className != null) {
			DataSource dataSource = UtilityElf.createInstance(className, DataSource.class);
			PropertyElf.setTargetFromProperties(dataSource, properties);
			return dataSource;
		}
		return new DriverDataSource(pool.getJdbcUrl(), pool.getDriverClassName(), properties, pool.getUsername(),
				pool.getPassword());
	}

}
