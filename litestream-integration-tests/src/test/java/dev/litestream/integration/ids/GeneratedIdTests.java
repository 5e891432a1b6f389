package dev.litestream.integration.ids;

import java.nio.file.Path;

import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.SplitDataSourceAutoConfiguration;
import dev.litestream.spring.autoconfigure.SqliteDoctorAutoConfiguration;
import dev.litestream.spring.doctor.Finding;
import dev.litestream.spring.doctor.SqliteDoctor;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionOperations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What the SQLite doctor advises, against what Hibernate does to generate ids.
 */
class GeneratedIdTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "", "?transaction_mode=IMMEDIATE" })
	void idsOfTheDatabase(String parameters) {
		context(parameters).run((context) -> {
			save(context, new OfTheDatabase());
			assertThat(context.getBean(SqliteDoctor.class).report().findings())
				.filteredOn((finding) -> finding.id().equals("transaction-mode"))
				.extracting(Finding::cure)
				.allMatch((cure) -> cure.startsWith("If each generated id of your entities is GenerationType.IDENTITY"))
				.hasSize(parameters.isEmpty() ? 1 : 0);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "litestream.datasource.split=true", "spring.datasource.hikari.maximum-pool-size=2" })
	void idsOfTheDatabaseAsAdvised(String property) {
		context("?transaction_mode=IMMEDIATE").withPropertyValues(property)
			.run((context) -> save(context, new OfTheDatabase()));
	}

	@Test
	void idsOfATableNeedTransactionsThatBeginAsReaders() {
		context("").run((context) -> save(context, new OfATable()));
	}

	/** Why the advice has a condition. */
	@ParameterizedTest
	@ValueSource(strings = { "litestream.datasource.split=true", "litestream.doctor.enabled=true" })
	void idsOfATableWaitInVainForTheTransactionThatNeedsThem(String property) {
		context("?transaction_mode=IMMEDIATE&busy_timeout=100")
			.withPropertyValues(property, "spring.datasource.hikari.connection-timeout=250")
			.run((context) -> assertThatThrownBy(() -> transactions(context).executeWithoutResult((status) -> {
				EntityManager entities = context.getBean(EntityManager.class);
				entities.createNativeQuery("select 1").getSingleResult();
				entities.persist(new OfATable());
			})).isNotNull());
	}

	private static TransactionOperations transactions(ApplicationContext context) {
		return context.getBean(TransactionOperations.class);
	}

	private static void save(ApplicationContext context, Object entity) {
		EntityManager entities = context.getBean(EntityManager.class);
		transactions(context).executeWithoutResult((status) -> {
			entities.persist(entity);
			entities.flush();
		});
	}

	private ApplicationContextRunner context(String parameters) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, SqliteDoctorAutoConfiguration.class,
							SplitDataSourceAutoConfiguration.class, DataSourceAutoConfiguration.class,
							TransactionAutoConfiguration.class, HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Entities.class)
			.withPropertyValues("spring.datasource.url=jdbc:sqlite:" + this.directory.resolve("app.db") + parameters,
					"litestream.replica.path=" + this.directory.resolve("replica"),
					"spring.jpa.database-platform=org.hibernate.community.dialect.SQLiteDialect",
					"spring.jpa.hibernate.ddl-auto=update");
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = GeneratedIdTests.class)
	static class Entities {

	}

	@Entity
	static class OfTheDatabase {

		@Id
		@GeneratedValue(strategy = GenerationType.IDENTITY)
		private @Nullable Long id;

	}

	@Entity
	static class OfATable {

		@Id
		@GeneratedValue
		private @Nullable Long id;

	}

}
