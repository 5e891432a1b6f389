package dev.litestream.integration;

import java.util.List;

import javax.sql.DataSource;

import org.sqlite.SQLiteDataSource;

import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;

/** What DataSources an application has. */
enum Pooling {

	HIKARI, PLAIN, TWO_DATA_SOURCES, SPLIT, IMMEDIATE;

	List<Class<?>> configurations() {
		return (this == TWO_DATA_SOURCES) ? List.of(TwoDataSources.class) : List.of();
	}

	/** What the SQLite doctor advises to add to the URL. */
	String parameters() {
		return (this == IMMEDIATE) ? "?transaction_mode=IMMEDIATE" : "";
	}

	/**
	 * Whether it is tried with one way of migration only.
	 */
	boolean isOnceForEachLibrary() {
		// a split pool is Hikari twice, an immediate one Hikari with a parameter
		return this == SPLIT || this == IMMEDIATE;
	}

	List<String> properties() {
		return switch (this) {
			case PLAIN -> List.of("spring.datasource.type=" + SQLiteDataSource.class.getName());
			case SPLIT -> List.of("litestream.datasource.split=true");
			default -> List.of();
		};
	}

	/** A pool of each kind, each on its own database. */
	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		@Primary
		DataSource first(Environment environment) {
			return DataSourceBuilder.create().url(environment.getRequiredProperty("spring.datasource.url")).build();
		}

		@Bean(defaultCandidate = false)
		DataSource second(Environment environment) {
			return DataSourceBuilder.create().url(environment.getRequiredProperty("test.second-url")).build();
		}

	}

}
