package dev.litestream.spring;

import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.NameMatchMethodPointcutAdvisor;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;

/**
 * Sees to it that a DataSource prepares its connections to replicated databases, as far
 * below as possible and so that a bean keeps its type:
 * <ol>
 * <li>what is known not to lead to a replicated database is left alone;</li>
 * <li>a Hikari pool that has not started gets a source of prepared connections;</li>
 * <li>a wrapper that delegates or routes to other DataSources stays, the others are
 * adapted;</li>
 * <li>all else is replaced by a proxy of its own class.</li>
 * </ol>
 */
class DataSourceAdapter {

	private static final Log logger = LogFactory.getLog(DataSourceAdapter.class);

	private static final boolean HIKARI_PRESENT = isPresent("com.zaxxer.hikari.HikariDataSource");

	private static final boolean SPRING_JDBC_PRESENT = isPresent(
			"org.springframework.jdbc.datasource.DelegatingDataSource");

	private final ConnectionPreparer preparer;

	DataSourceAdapter(ConnectionPreparer preparer) {
		this.preparer = preparer;
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, DataSourceAdapter.class.getClassLoader());
	}

	/** Adapts without replacing the instance. Returns whether that was enough. */
	boolean configure(DataSource dataSource) {
		if (isElsewhere(dataSource) || isAdapted(dataSource)) {
			return true;
		}
		if (HIKARI_PRESENT && HikariIntegration.isPool(dataSource)) {
			return HikariIntegration.configure(dataSource, this.preparer);
		}
		return SPRING_JDBC_PRESENT && Wrappers.configure(dataSource, this);
	}

	/**
	 * Adapts, by a proxy of the same type if need be. Returns the DataSource to use
	 * instead.
	 */
	DataSource adapt(DataSource dataSource) {
		return configure(dataSource) ? dataSource : proxy(dataSource);
	}

	private boolean isElsewhere(DataSource dataSource) {
		String url = DataSourceUrl.of(dataSource);
		if (url == null) {
			return false;
		}
		if (!SqliteUrl.matches(url)) {
			return SqliteUrl.isOfAnother(url);
		}
		Path file = SqliteUrl.file(url);
		return file != null && this.preparer.litestream().database(file) == null
				&& this.preparer.byAnotherName(file) == null;
	}

	private boolean isAdapted(DataSource dataSource) {
		if (!(dataSource instanceof Advised advised)) {
			return false;
		}
		for (var advisor : advised.getAdvisors()) {
			if (advisor.getAdvice() instanceof PreparingInterceptor) {
				return true;
			}
		}
		return false;
	}

	private DataSource proxy(DataSource dataSource) {
		Class<?> type = dataSource.getClass();
		if (Modifier.isFinal(type.getModifiers()) && !Proxy.isProxyClass(type)) {
			return unadapted(dataSource, "is final");
		}
		NameMatchMethodPointcutAdvisor advisor = new NameMatchMethodPointcutAdvisor(
				new PreparingInterceptor(this.preparer));
		advisor.setMappedNames("getConnection", "getPooledConnection");
		ProxyFactory factory = new ProxyFactory(dataSource);
		factory.setProxyTargetClass(true);
		factory.addAdvisor(advisor);
		try {
			return (DataSource) factory.getProxy(type.getClassLoader());
		}
		catch (AopConfigException ex) {
			return unadapted(dataSource, "cannot be proxied");
		}
	}

	private DataSource unadapted(DataSource dataSource, String reason) {
		logger.warn("A DataSource is used as it is, because its class " + dataSource.getClass().getName() + " " + reason
				+ ". Its commits are replicated by polling, at the latest after the sync-interval, and its connections"
				+ " keep their own settings: configure journal_mode=WAL and wal_autocheckpoint=0 in its JDBC URL");
		return dataSource;
	}

	/** Wrappers of spring-jdbc, which may be absent. */
	private static final class Wrappers {

		private Wrappers() {
		}

		static boolean configure(DataSource dataSource, DataSourceAdapter adapter) {
			if (dataSource instanceof AbstractRoutingDataSource routing) {
				RoutedDataSources.configure(routing, adapter);
				return true;
			}
			if (!(dataSource instanceof DelegatingDataSource wrapper)) {
				return false;
			}
			DataSource target = wrapper.getTargetDataSource();
			if (target != null) {
				DataSource adapted = adapter.adapt(target);
				if (adapted != target) {
					wrapper.setTargetDataSource(adapted);
				}
			}
			return true;
		}

	}

}
