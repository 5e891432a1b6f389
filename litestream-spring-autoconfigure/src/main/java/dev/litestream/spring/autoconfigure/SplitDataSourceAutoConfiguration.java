package dev.litestream.spring.autoconfigure;

import java.sql.Connection;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for a DataSource that keeps SQLite's
 * one writer apart from its readers: transactions that only read, by
 * {@code @Transactional(readOnly = true)}, get a connection of the readers' pool, all
 * else gets the one that writes, whose transactions begin as writers.
 */
@AutoConfiguration(beforeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnClass({ HikariDataSource.class, LazyConnectionDataSourceProxy.class, DataSourceProperties.class })
@ConditionalOnBooleanProperty("litestream.datasource.split")
@ConditionalOnMissingBean(DataSource.class)
@EnableConfigurationProperties({ LitestreamProperties.class, DataSourceProperties.class })
public final class SplitDataSourceAutoConfiguration {

	@Bean(defaultCandidate = false)
	HikariDataSource litestreamWriterDataSource(DataSourceProperties properties, Environment environment) {
		return new SplitPools(properties, environment).writer();
	}

	@Bean(defaultCandidate = false)
	HikariDataSource litestreamReaderDataSource(DataSourceProperties properties, Environment environment,
			LitestreamProperties litestream) {
		return new SplitPools(properties, environment).readers(litestream.getDatasource().getMaxReaders());
	}

	@Bean
	@Primary
	LazyConnectionDataSourceProxy dataSource(@Qualifier("litestreamWriterDataSource") DataSource writer,
			@Qualifier("litestreamReaderDataSource") DataSource readers) {
		LazyConnectionDataSourceProxy dataSource = new LazyConnectionDataSourceProxy();
		dataSource.setTargetDataSource(writer);
		dataSource.setReadOnlyDataSource(readers);
		// said here so that it need not open a connection to ask
		dataSource.setDefaultAutoCommit(true);
		dataSource.setDefaultTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
		return dataSource;
	}

}
