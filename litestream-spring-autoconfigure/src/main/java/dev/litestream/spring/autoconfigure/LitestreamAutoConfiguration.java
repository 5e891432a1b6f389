package dev.litestream.spring.autoconfigure;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamDataSourcePostProcessor;
import dev.litestream.spring.LitestreamLifecycle;
import dev.litestream.spring.ReplicationEventPublisher;
import dev.litestream.spring.ReplicationEvents;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationEventPublisher;
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

	// before the engine: a user's own engine has its databases
	@Bean
	@ConditionalOnMissingBean(LitestreamEngine.class)
	static DiscoveringPostProcessor litestreamDiscoveringPostProcessor(ObjectProvider<LitestreamEngine> engine,
			ObjectProvider<RestoredEngineFactory> factory, ObjectProvider<LitestreamProperties> properties,
			ObjectProvider<DataSource> dataSources) {
		return new DiscoveringPostProcessor(engine, factory, properties, dataSources);
	}

	@Bean
	RestoredEngineFactory litestreamEngineFactory(LitestreamProperties properties, Environment environment,
			ObjectProvider<SslBundles> sslBundles, ObjectProvider<LitestreamCustomizer> customizers,
			BeanFactory beanFactory) {
		EarlyBinding.ensure(beanFactory, properties);
		return new RestoredEngineFactory(properties, environment, sslBundles::getIfAvailable,
				ReplicaBeans.of(beanFactory), customizers::orderedStream);
	}

	@Bean
	static ConfigurationPropertiesBindHandlerAdvisor litestreamBindHandlerAdvisor() {
		return InheritingBindHandler::new;
	}

	@Bean(destroyMethod = "close")
	@ConditionalOnMissingBean
	LitestreamEngine litestreamEngine(RestoredEngineFactory factory) {
		// Little but properties: whatever the engine needed would be created before the
		// restore, and a DataSource needs the engine.
		return factory.createRestored();
	}

	@Bean
	@ConditionalOnMissingBean
	ReplicationEvents litestreamReplicationEvents() {
		return new ReplicationEvents();
	}

	@Bean
	LitestreamCustomizer litestreamReplicationEventsCustomizer(ReplicationEvents events) {
		return (builder) -> builder.listener(events);
	}

	@Bean
	@ConditionalOnMissingBean
	ReplicationEventPublisher litestreamReplicationEventPublisher(ReplicationEvents events,
			ApplicationEventPublisher publisher) {
		return new ReplicationEventPublisher(events, publisher);
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamLifecycle litestreamLifecycle(LitestreamEngine engine) {
		return new LitestreamLifecycle(engine);
	}

	@Bean
	static RestoreBeforeBeansThatOpenDatabases litestreamRestoreBeforeBeansThatOpenDatabases() {
		return new RestoreBeforeBeansThatOpenDatabases();
	}

	@Bean
	static LitestreamDataSourcePostProcessor litestreamDataSourcePostProcessor(
			ObjectProvider<LitestreamEngine> engine) {
		return new LitestreamDataSourcePostProcessor(engine);
	}

}
