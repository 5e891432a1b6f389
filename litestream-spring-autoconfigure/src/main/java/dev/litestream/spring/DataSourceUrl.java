package dev.litestream.spring;

import java.lang.reflect.Proxy;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.util.ClassUtils;

/**
 * The JDBC URL of a DataSource, read from its settings without opening a connection.
 */
public final class DataSourceUrl {

	private static final Log logger = LogFactory.getLog(DataSourceUrl.class);

	private static final String[] URL_PROPERTIES = { "jdbcUrl", "url", "URL" };

	private static final boolean HIKARI_PRESENT = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			DataSourceUrl.class.getClassLoader());

	private DataSourceUrl() {
	}

	/**
	 * The URL of a DataSource.
	 * @param dataSource the DataSource
	 * @return its URL, or {@code null} if it has none or does not show it
	 */
	public static @Nullable String of(DataSource dataSource) {
		if (Proxy.isProxyClass(dataSource.getClass())) {
			return null;
		}
		BeanWrapper wrapper = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
		for (String property : URL_PROPERTIES) {
			try {
				if (wrapper.isReadableProperty(property) && wrapper.getPropertyValue(property) instanceof String url) {
					return url;
				}
			}
			catch (BeansException ex) {
				logger.debug("No URL from property " + property + " of " + dataSource.getClass().getName(), ex);
			}
		}
		return null;
	}

	/**
	 * Whether a pool has opened its database already.
	 * @param dataSource the DataSource
	 * @return whether it is a pool that runs
	 */
	public static boolean isOpened(DataSource dataSource) {
		return HIKARI_PRESENT && HikariIntegration.isRunning(dataSource);
	}

}
