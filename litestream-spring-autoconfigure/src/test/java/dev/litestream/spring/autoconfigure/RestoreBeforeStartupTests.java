package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.NotesDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * In whatever way an application defines what opens its database: the database is
 * restored before. A database that was opened earlier would be another, empty file.
 */
@ExtendWith(OutputCaptureExtension.class)
class RestoreBeforeStartupTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void notesOnlyInReplica() {
		this.notes = new NotesDatabase(this.directory).onlyInReplica("milk", "bread");
		this.context = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("test.url=" + this.notes.url());
	}

	private ApplicationContextRunner contextWithUrl() {
		return this.context.withPropertyValues("spring.datasource.url=" + this.notes.url());
	}

	private ApplicationContextRunner contextWithoutDataSource() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withPropertyValues(this.notes.properties())
			.withPropertyValues("test.url=" + this.notes.url());
	}

	private void assertRestored(ApplicationContext context) {
		assertRestored(context, DataSource.class);
	}

	private void assertRestored(ApplicationContext context, Class<? extends DataSource> type) {
		assertThat(NotesDatabase.notes(context.getBean(type))).containsExactly("milk", "bread");
	}

	@Test
	void beforeAutoConfiguredPool(CapturedOutput output) {
		contextWithUrl().run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(HikariDataSource.class);
			assertRestored(context);
			assertThat(context.getBean(JdbcTemplate.class).queryForList("select text from notes", String.class))
				.hasSize(2);
			assertThat(context.getBean(JdbcClient.class).sql("select count(*) from notes").query(Long.class).single())
				.isEqualTo(2);
		});
		assertThat(output).doesNotContain("is not eligible for getting processed by all BeanPostProcessors");
	}

	@Test
	void beforeFlywayWhichSeesTheRestoredHistory() {
		ApplicationContextRunner flyway = contextWithUrl()
			.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class));
		NotesDatabase migrated = new NotesDatabase(this.directory, "migrated");
		String[] migratedProperties = { "spring.datasource.url=" + migrated.url(),
				"litestream.dbs[0].path=" + migrated.path(),
				"litestream.dbs[0].replica.url=" + migrated.replica().toUri(), "litestream.dbs[0].name=migrated" };
		flyway.withPropertyValues(migratedProperties).run((context) -> {
			assertThat(context).hasNotFailed();
			NotesDatabase.insert(context.getBean(DataSource.class), "migrated");
		});
		migrated.delete();
		flyway.withPropertyValues(migratedProperties).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("migrated");
			assertThat(context.getBean(org.flywaydb.core.Flyway.class).info().applied()).hasSize(1);
		});
	}

	@Test
	void beforeFlywayWithItsOwnUrl() {
		this.context.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.url=" + this.notes.url(), "spring.flyway.baseline-on-migrate=true",
					"spring.datasource.url=jdbc:sqlite:" + this.directory.resolve("other.db"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				// a baseline is only made in a schema that is not empty: the restored one
				assertThat(context.getBean(org.flywaydb.core.Flyway.class).info().current().getType().isBaseline())
					.isTrue();
			});
	}

	@Test
	void beforeLiquibaseWithItsOwnUrlAndNoDataSource() {
		contextWithoutDataSource().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.url=" + this.notes.url(),
					"spring.liquibase.change-log=classpath:db/changelog/only-if-restored.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(NotesDatabase.notes(new DriverManagerDataSource(this.notes.url()))).containsExactly("milk",
						"bread", "liquibase");
			});
	}

	@Test
	void beforeLiquibaseOnTheDataSource() {
		contextWithUrl().withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.change-log=classpath:db/changelog/only-if-restored.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk", "bread",
						"liquibase");
			});
	}

	@Test
	void beforePoolThatOpensInItsConstructor() {
		this.context.withUserConfiguration(EagerPool.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertRestored(context, HikariDataSource.class);
		});
	}

	@Test
	void beforeEachOfTwoDataSources() {
		NotesDatabase second = new NotesDatabase(this.directory, "second").onlyInReplica("butter");
		this.context.withUserConfiguration(TwoDataSources.class)
			.withPropertyValues(second.properties(1))
			.withPropertyValues("test.second-url=" + second.url())
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertRestored(context);
				assertThat(NotesDatabase.notes(context.getBean("second", DataSource.class))).containsExactly("butter");
			});
	}

	@Test
	void beforeDataSourceOfFactoryBean() {
		this.context.withUserConfiguration(DataSourceByFactoryBean.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertRestored(context);
		});
	}

	@Test
	void beforeDataSourceThatPostProcessorForces() {
		contextWithUrl().withUserConfiguration(EarlyPostProcessor.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(EarlyDataSourceUser.class).seen()).containsExactly("milk", "bread");
		});
	}

	@Test
	void beforeJdbcTemplateWithoutDataSourceBean() {
		contextWithoutDataSource().withUserConfiguration(TemplateWithInnerDataSource.class).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class);
			assertThat(context.getBean(InnerDataSourceTemplate.class).seen()).containsExactly("milk", "bread");
		});
	}

	@Test
	void withDataSourceRegisteredAsSingleton() {
		DataSource dataSource = new DriverManagerDataSource(this.notes.url());
		this.context
			.withInitializer((context) -> ((GenericApplicationContext) context).getBeanFactory()
				.registerSingleton("dataSource", dataSource))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertRestored(context);
			});
	}

	@Test
	void beforeDataSourceWithHiddenType() {
		contextWithoutDataSource().withUserConfiguration(HiddenType.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(NotesDatabase.notes((DataSource) context.getBean("hidden"))).containsExactly("milk", "bread");
		});
	}

	@Test
	void beforeLazyBeans() {
		contextWithUrl()
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertRestored(context);
			});
	}

	@Test
	void withLazyConnectionFetch() {
		contextWithUrl().withPropertyValues("spring.datasource.connection-fetch=lazy").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
			assertRestored(context);
		});
	}

	@Test
	void beforeHibernateValidatesTheSchema() {
		jpa("spring.jpa.hibernate.ddl-auto=validate").run((context) -> {
			assertThat(context).hasNotFailed();
			assertNoteEntities(context, 2);
		});
	}

	@Test
	void beforeScriptsDeferredAfterHibernate() {
		jpa("spring.jpa.hibernate.ddl-auto=validate", "spring.jpa.defer-datasource-initialization=true",
				"spring.sql.init.mode=always", "spring.sql.init.data-locations=classpath:insert-note.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertNoteEntities(context, 3);
			});
	}

	@Test
	void beforeScripts() {
		contextWithUrl().withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
			.withPropertyValues("spring.sql.init.mode=always",
					"spring.sql.init.data-locations=classpath:insert-note.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk", "bread",
						"script");
			});
	}

	@Test
	void whenTheDirectoryIsGone() throws Exception {
		Files.delete(this.notes.path().getParent());
		contextWithUrl().run((context) -> {
			assertThat(context).hasNotFailed();
			assertRestored(context);
		});
	}

	@Test
	void andTheHistoryGoesOn() {
		contextWithUrl().run((context) -> NotesDatabase.insert(context.getBean(DataSource.class), "butter"));
		this.notes.delete();
		contextWithUrl().run((context) -> NotesDatabase.insert(context.getBean(DataSource.class), "salt"));
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread", "butter", "salt");
	}

	@Test
	void notWhenDatabaseExists() {
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "local");
		contextWithUrl().run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("local");
		});
	}

	@Test
	void overAnExistingDatabaseWhenAlways() {
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "local");
		contextWithUrl().withPropertyValues("litestream.dbs[0].restore.on-startup=always").run((context) -> {
			assertThat(context).hasNotFailed();
			assertRestored(context);
		});
	}

	@Test
	void notWhenNever() {
		contextWithUrl().withPropertyValues("litestream.dbs[0].restore.on-startup=never").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(JdbcTemplate.class)
				.queryForObject("select count(*) from sqlite_schema", Long.class)).isZero();
		});
	}

	@Test
	void notWhenDisabled() {
		contextWithUrl().withPropertyValues("litestream.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(LitestreamEngine.class);
			assertThat(this.notes.path()).doesNotExist();
		});
	}

	@Test
	void failureStopsTheStartAndLeavesNoDatabase() throws Exception {
		try (var files = Files.walk(this.notes.replica())) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".ltx")).toList()) {
				Files.writeString(file, "this is no LTX file");
			}
		}
		contextWithUrl().run((context) -> {
			assertThat(context).hasFailed();
			assertThat(this.notes.path()).doesNotExist();
		});
	}

	private ApplicationContextRunner jpa(String... properties) {
		return contextWithUrl()
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class,
					DataSourceInitializationAutoConfiguration.class))
			.withUserConfiguration(NoteEntities.class)
			.withPropertyValues("spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect")
			.withPropertyValues(properties);
	}

	private void assertNoteEntities(ApplicationContext context, int count) {
		try (var entities = context.getBean(EntityManagerFactory.class).createEntityManager()) {
			assertThat(entities.createQuery("select n from Note n", Note.class).getResultList()).hasSize(count);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class EagerPool {

		@Bean
		HikariDataSource dataSource(Environment environment) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(environment.getRequiredProperty("test.url"));
			config.setConnectionInitSql("select count(*) from notes");
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		@Primary
		DataSource first(Environment environment) {
			return pool(environment.getRequiredProperty("test.url"));
		}

		@Bean(defaultCandidate = false)
		DataSource second(Environment environment) {
			return pool(environment.getRequiredProperty("test.second-url"));
		}

		private DataSource pool(String url) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(url);
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceByFactoryBean {

		@Bean
		PoolFactory dataSource(Environment environment) {
			return new PoolFactory(environment.getRequiredProperty("test.url"));
		}

	}

	/** Spring does not close what it makes: a pool goes on opening connections. */
	static class PoolFactory implements FactoryBean<DataSource>, DisposableBean {

		private final HikariConfig config = new HikariConfig();

		private @Nullable HikariDataSource pool;

		PoolFactory(String url) {
			this.config.setJdbcUrl(url);
		}

		@Override
		public DataSource getObject() {
			HikariDataSource pool = new HikariDataSource(this.config);
			this.pool = pool;
			return pool;
		}

		@Override
		public Class<?> getObjectType() {
			return DataSource.class;
		}

		@Override
		public void destroy() {
			if (this.pool != null) {
				this.pool.close();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyPostProcessor {

		@Bean
		static EarlyDataSourceUser earlyDataSourceUser(DataSource dataSource) {
			return new EarlyDataSourceUser(NotesDatabase.notes(dataSource));
		}

	}

	record EarlyDataSourceUser(List<String> seen) implements BeanPostProcessor {

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateWithInnerDataSource {

		@Bean
		InnerDataSourceTemplate jdbcTemplate(Environment environment) {
			return new InnerDataSourceTemplate(
					new DriverManagerDataSource(environment.getRequiredProperty("test.url")));
		}

	}

	static class InnerDataSourceTemplate extends JdbcTemplate {

		private final List<String> seen;

		InnerDataSourceTemplate(DataSource dataSource) {
			super(dataSource);
			this.seen = NotesDatabase.notes(dataSource);
		}

		List<String> seen() {
			return this.seen;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HiddenType {

		@Bean
		Object hidden(Environment environment) {
			HikariDataSource dataSource = new HikariDataSource();
			dataSource.setJdbcUrl(environment.getRequiredProperty("test.url"));
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@EntityScan(basePackageClasses = RestoreBeforeStartupTests.class)
	static class NoteEntities {

	}

	@Entity(name = "Note")
	@Table(name = "notes")
	static class Note {

		@Id
		private Integer id;

		private String text;

	}

}
