package dev.litestream.spring;

import java.sql.Connection;
import java.sql.SQLException;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.sqlite.javax.SQLitePooledConnection;

/**
 * Prepares the connections that a proxied DataSource hands out. A pool hands out the same
 * physical connection many times; only the first time costs.
 */
final class PreparingInterceptor implements MethodInterceptor {

	private final ConnectionPreparer preparer;

	PreparingInterceptor(ConnectionPreparer preparer) {
		this.preparer = preparer;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object result = invocation.proceed();
		if (result instanceof Connection connection) {
			prepare(connection);
		}
		else if (result instanceof SQLitePooledConnection pooled) {
			prepare(pooled.getPhysicalConn());
		}
		return result;
	}

	private void prepare(Connection connection) throws SQLException {
		try {
			this.preparer.prepare(connection);
		}
		catch (SQLException | RuntimeException ex) {
			connection.close();
			throw ex;
		}
	}

}
