package dev.litestream.spring.autoconfigure;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamDataSourcePostProcessor;
import dev.litestream.spring.LitestreamLifecycle;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for Litestream: the engine, which
 * restores databases when it is created, before any bean that may open them.
 */
@AutoConfiguration(beforeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnBooleanProperty(name = "litestream.enabled", matchIfMissing = true)
@Conditional(OnConfiguredDatabaseCondition.class)
@EnableConfigurationProperties(LitestreamProperties.class)
@ImportRuntimeHints(LitestreamRuntimeHints.class)
public final class LitestreamAutoConfiguration {

	@Bean(destroyMethod = "close")
	@ConditionalOnMissingBean
	LitestreamEngine litestreamEngine(LitestreamProperties properties, Environment environment,
			ObjectProvider<SslBundles> sslBundles, BeanFactory beanFactory) {
		EarlyBinding.ensure(beanFactory, properties);
		// Little but properties: whatever the engine needed would be created before the
		// restore, and a DataSource needs the engine.
		return new LitestreamEngineFactory(properties, environment, sslBundles::getIfAvailable).createRestored();
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamLifecycle litestreamLifecycle(LitestreamEngine engine) {
		return new LitestreamLifecycle(engine);
	}

	@Bean
	static DependsOnRestorePostProcessor litestreamDependsOnRestorePostProcessor() {
		return new DependsOnRestorePostProcessor();
	}

	@Bean
	static LitestreamDataSourcePostProcessor litestreamDataSourcePostProcessor(
			ObjectProvider<LitestreamEngine> engine) {
		return new LitestreamDataSourcePostProcessor(engine);
	}

}
