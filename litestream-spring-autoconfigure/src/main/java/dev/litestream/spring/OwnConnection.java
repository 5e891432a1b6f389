package dev.litestream.spring;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteDataSource;

import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.ClassUtils;

/**
 * A connection that is set up like those of a DataSource and is not one of them: who only
 * wants to look must not wait for a pool, nor keep others waiting.
 */
public final class OwnConnection {

	private static final boolean HIKARI_PRESENT = isPresent("com.zaxxer.hikari.HikariDataSource");

	private static final boolean SPRING_JDBC_PRESENT = isPresent(
			"org.springframework.jdbc.datasource.AbstractDriverBasedDataSource");

	private OwnConnection() {
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, OwnConnection.class.getClassLoader());
	}

	/**
	 * Opens a connection.
	 * @param dataSource what the application uses
	 * @return a connection to be closed, or {@code null} if there is none that does not
	 * belong to the application
	 * @throws SQLException if it cannot be opened
	 */
	public static @Nullable Connection like(DataSource dataSource) throws SQLException {
		if (HIKARI_PRESENT && HikariIntegration.isPool(dataSource)) {
			return HikariIntegration.ownConnection(dataSource);
		}
		boolean opensEach = dataSource instanceof SQLiteDataSource
				|| SPRING_JDBC_PRESENT && Drivers.isUnpooled(dataSource);
		return opensEach ? dataSource.getConnection() : null;
	}

	/** DataSources of spring-jdbc, which may be absent. */
	private static final class Drivers {

		static boolean isUnpooled(DataSource dataSource) {
			return dataSource instanceof AbstractDriverBasedDataSource
					&& !(dataSource instanceof SingleConnectionDataSource);
		}

	}

}
