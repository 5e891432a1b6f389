package dev.litestream.spring.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.DatabasePath;
import dev.litestream.spring.DataSourceUrl;
import dev.litestream.spring.SqliteUrl;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;

/**
 * The DataSources of an application, as far as they exist and show where they lead.
 *
 * @param sqlite those that open SQLite databases
 * @param complete whether no other DataSource could open one: each has been created and
 * shows its URL
 */
public record KnownDataSources(List<KnownDataSource> sqlite, boolean complete) {

	private static final boolean HIKARI_PRESENT = isPresent("com.zaxxer.hikari.HikariDataSource");

	private static final boolean SPRING_JDBC_PRESENT = isPresent(
			"org.springframework.jdbc.datasource.DelegatingDataSource");

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, KnownDataSources.class.getClassLoader());
	}

	/**
	 * Looks at the beans. Creates none and opens no connection.
	 * @param beanFactory the beans
	 * @return what is known
	 */
	public static KnownDataSources of(ConfigurableListableBeanFactory beanFactory) {
		Search search = new Search();
		for (String name : beanFactory.getBeanNamesForType(DataSource.class, true, false)) {
			String plainName = BeanFactoryUtils.transformedBeanName(name);
			if (ScopedProxyUtils.isScopedTarget(plainName)) {
				continue;
			}
			if (beanFactory.containsSingleton(plainName)
					&& beanFactory.getBean(plainName) instanceof DataSource dataSource) {
				search.add(plainName, dataSource);
			}
			else {
				search.complete = false;
			}
		}
		return new KnownDataSources(List.copyOf(search.found), search.complete);
	}

	private static final class Search {

		private final List<KnownDataSource> found = new ArrayList<>();

		private boolean complete = true;

		void add(String name, DataSource dataSource) {
			if (dataSource instanceof ScopedObject) {
				this.complete = false;
				return;
			}
			String url = DataSourceUrl.of(dataSource);
			if (url != null) {
				add(name, dataSource, url);
			}
			else if (!SPRING_JDBC_PRESENT || !Wrappers.follow(name, dataSource, this)) {
				this.complete = false;
			}
		}

		private void add(String name, DataSource dataSource, String url) {
			if (!SqliteUrl.matches(url)) {
				this.complete &= SqliteUrl.isOfAnother(url);
			}
			else if (this.found.stream().noneMatch((other) -> other.dataSource() == dataSource)) {
				boolean inMemory = SqliteUrl.isInMemory(url);
				Path file = inMemory ? null : SqliteUrl.file(url);
				this.found.add(new KnownDataSource(name, dataSource, url,
						(file != null) ? DatabasePath.absolute(file) : null, inMemory, poolSize(dataSource)));
			}
		}

		private static @Nullable Integer poolSize(DataSource dataSource) {
			if (HIKARI_PRESENT && dataSource instanceof HikariDataSource pool) {
				return Pools.size(pool);
			}
			return (SPRING_JDBC_PRESENT && Wrappers.isSingle(dataSource)) ? 1 : null;
		}

	}

	/** HikariCP, which may be absent. */
	private static final class Pools {

		static int size(HikariDataSource pool) {
			int size = pool.getMaximumPoolSize();
			return (size > 0) ? size : 10; // Hikari's own default, set when it starts
		}

	}

	/** Wrappers of spring-jdbc, which may be absent. */
	private static final class Wrappers {

		static boolean follow(String name, DataSource dataSource, Search search) {
			if (dataSource instanceof AbstractRoutingDataSource routing) {
				routing.getResolvedDataSources().values().forEach((target) -> search.add(name, target));
				DataSource target = routing.getResolvedDefaultDataSource();
				if (target != null) {
					search.add(name, target);
				}
				return true;
			}
			if (dataSource instanceof DelegatingDataSource wrapper && wrapper.getTargetDataSource() != null) {
				search.add(name, wrapper.getTargetDataSource());
				return true;
			}
			return false;
		}

		static boolean isSingle(DataSource dataSource) {
			return dataSource instanceof SingleConnectionDataSource;
		}

	}

}
