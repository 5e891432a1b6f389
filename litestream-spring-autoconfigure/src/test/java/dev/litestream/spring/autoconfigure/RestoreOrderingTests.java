package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dependencies that put the restore first.
 */
class RestoreOrderingTests {

	@TempDir
	Path directory;

	private ApplicationContextRunner context() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class))
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.datasource.url=" + notes.url());
	}

	@Test
	void databaseUsersDependOnTheEngine() {
		context().withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class)).run((context) -> {
			assertThat(context).hasNotFailed();
			for (String user : new String[] { "dataSource", "flyway", "flywayInitializer", "jdbcTemplate" }) {
				assertThat(context.getBeanFactory().getBeanDefinition(user).getDependsOn()).as(user)
					.contains("litestreamEngine");
			}
		});
	}

	@Test
	void initializersWithoutDataSourceDependOnTheEngine() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, LiquibaseAutoConfiguration.class))
			.withPropertyValues(notes.properties())
			.withPropertyValues("spring.liquibase.url=" + notes.url(),
					"spring.liquibase.change-log=classpath:db/changelog/create-notes.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeanFactory().getBeanDefinition("liquibase").getDependsOn())
					.containsExactly("litestreamEngine");
			});
	}

	@Test
	void engineIsClosedAfterDataSourceWithHiddenType() {
		context().withBean("hidden", Object.class, () -> new DriverManagerDataSource("jdbc:sqlite::memory:"))
			.run((context) -> assertThat(context.getBeanFactory().getDependentBeans("litestreamEngine"))
				.contains("hidden", "dataSource"));
	}

	@Test
	void dependenciesOfTheApplicationAreKept() {
		context().withUserConfiguration(OwnDependency.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBeanFactory().getBeanDefinition("dataSource").getDependsOn())
				.containsExactlyInAnyOrder("litestreamEngine", "before");
		});
	}

	@Test
	void engineThatNeedsDataSourceIsRefused() {
		context().withUserConfiguration(EngineOnDataSource.class)
			.run((context) -> assertThat(context).hasFailed().getFailure().hasMessageContaining("litestreamEngine"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDependency {

		@Bean
		String before() {
			return "before";
		}

		@Bean
		@DependsOn("before")
		DataSource dataSource(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("spring.datasource.url"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EngineOnDataSource {

		@Bean
		LitestreamEngine litestreamEngine(DataSource dataSource) {
			throw new IllegalStateException("not reached with " + dataSource);
		}

	}

}
