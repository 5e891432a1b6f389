package dev.litestream.spring;

import java.sql.Connection;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * DataSources that lead to others: what opens the connections is adapted, the wrapper
 * stays.
 */
class WrappedDataSourceTests extends AbstractDataSourceTests {

	@Test
	void targetOfWrapperIsAdaptedNotTheWrapper() {
		DelegatingDataSource wrapper = new TransactionAwareDataSourceProxy(
				new DriverManagerDataSource(this.notes.url()));
		runWithBean(DelegatingDataSource.class, wrapper, (context) -> {
			assertThat(context.getBean(DelegatingDataSource.class)).isSameAs(wrapper);
			assertCommitsAreSignalled(context, wrapper);
		});
	}

	@Test
	void lazyConnectionStaysLazy() {
		run((context) -> {
			DataSource lazy = context.getBean(DataSource.class);
			assertThat(lazy).isExactlyInstanceOf(LazyConnectionDataSourceProxy.class);
			HikariDataSource pool = lazy.unwrap(HikariDataSource.class);
			try (Connection connection = lazy.getConnection()) {
				assertThat(connection.isClosed()).isFalse();
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			}
			assertCommitsAreSignalled(context, lazy);
		}, "spring.datasource.connection-fetch=lazy");
	}

	@Test
	void dataSourceInScope() {
		this.context.withUserConfiguration(ScopedDataSource.class)
			.withPropertyValues("test.url=" + this.notes.url())
			.run((context) -> {
				assertThat(context.getBean("dataSource")).isInstanceOf(ScopedObject.class);
				assertCommitsAreSignalled(context, context.getBean("dataSource", DataSource.class));
			});
	}

	@Test
	void targetsOfRouterAreAdaptedNotTheRouter() throws Exception {
		NotesDatabase other = new NotesDatabase(this.directory, "other");
		other.create(SCHEMA, "private");
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(other.url());
		Router routing = new Router();
		routing.setTargetDataSources(Map.of("notes", new DriverManagerDataSource(this.notes.url()), "other", pool));
		runWithBean(Router.class, routing, (context) -> {
			Router bean = context.getBean(Router.class);
			assertThat(bean).isSameAs(routing);
			assertCommitsAreSignalled(context, bean);
			routing.current = "other";
			assertThat(NotesDatabase.notes(bean)).containsExactly("private");
			assertThat(bean.getResolvedDataSources()).containsEntry("other", pool);
			assertThat(pragma(bean, "journal_mode")).isEqualTo("delete");
		});
		pool.close();
	}

	@Test
	void defaultTargetOfRouterIsAdapted() {
		Router routing = new Router();
		routing.setTargetDataSources(Map.of());
		routing.setDefaultTargetDataSource(new DriverManagerDataSource(this.notes.url()));
		runWithBean(Router.class, routing, (context) -> assertCommitsAreSignalled(context, routing));
	}

	@Configuration(proxyBeanMethods = false)
	static class ScopedDataSource {

		@Bean
		static CustomScopeConfigurer scopes() {
			CustomScopeConfigurer scopes = new CustomScopeConfigurer();
			scopes.addScope("thread", new SimpleThreadScope());
			return scopes;
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		DriverManagerDataSource dataSource(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("test.url"));
		}

	}

	static class Router extends AbstractRoutingDataSource {

		private String current = "notes";

		@Override
		protected Object determineCurrentLookupKey() {
			return this.current;
		}

	}

}
