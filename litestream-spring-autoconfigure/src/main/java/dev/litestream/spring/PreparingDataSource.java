package dev.litestream.spring;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Supplier;
import java.util.logging.Logger;

import javax.sql.DataSource;

import org.springframework.util.function.SingletonSupplier;

/**
 * Source of physical connections below a pool: each is prepared before the pool sees it.
 */
final class PreparingDataSource implements DataSource {

	private final SingletonSupplier<DataSource> target;

	private final ConnectionPreparer preparer;

	/**
	 * Creates a source. The target is asked for when it is first used, so that what is
	 * configured until then counts.
	 */
	PreparingDataSource(Supplier<DataSource> target, ConnectionPreparer preparer) {
		this.target = SingletonSupplier.of(target);
		this.preparer = preparer;
	}

	private DataSource target() {
		return this.target.obtain();
	}

	@Override
	public Connection getConnection() throws SQLException {
		return prepared(target().getConnection());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return prepared(target().getConnection(username, password));
	}

	private Connection prepared(Connection connection) throws SQLException {
		try {
			this.preparer.prepare(connection);
			return connection;
		}
		catch (SQLException | RuntimeException ex) {
			connection.close();
			throw ex;
		}
	}

	@Override
	public PrintWriter getLogWriter() throws SQLException {
		return target().getLogWriter();
	}

	@Override
	public void setLogWriter(PrintWriter out) throws SQLException {
		target().setLogWriter(out);
	}

	@Override
	public void setLoginTimeout(int seconds) throws SQLException {
		target().setLoginTimeout(seconds);
	}

	@Override
	public int getLoginTimeout() throws SQLException {
		return target().getLoginTimeout();
	}

	@Override
	public Logger getParentLogger() throws SQLFeatureNotSupportedException {
		return target().getParentLogger();
	}

	@Override
	public <T> T unwrap(Class<T> type) throws SQLException {
		return type.isInstance(this) ? type.cast(this) : target().unwrap(type);
	}

	@Override
	public boolean isWrapperFor(Class<?> type) throws SQLException {
		return type.isInstance(this) || target().isWrapperFor(type);
	}

}
