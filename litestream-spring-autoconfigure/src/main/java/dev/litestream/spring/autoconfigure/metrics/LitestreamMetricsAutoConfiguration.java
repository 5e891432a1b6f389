package dev.litestream.spring.autoconfigure.metrics;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamMetrics;
import dev.litestream.spring.LitestreamReplicaMetrics;
import dev.litestream.spring.LitestreamReplicaOperationMetrics;
import dev.litestream.spring.LitestreamRestoreMetrics;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the meters of replication.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ LitestreamEngine.class, MeterRegistry.class })
public final class LitestreamMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LitestreamMetrics litestreamMetrics(LitestreamEngine engine) {
		return new LitestreamMetrics(engine);
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamReplicaOperationMetrics litestreamReplicaOperationMetrics(LitestreamEngine engine) {
		return new LitestreamReplicaOperationMetrics(engine);
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamRestoreMetrics litestreamRestoreMetrics(LitestreamEngine engine) {
		return new LitestreamRestoreMetrics(engine);
	}

	@Bean
	@ConditionalOnMissingBean
	LitestreamReplicaMetrics litestreamReplicaMetrics(LitestreamEngine engine) {
		return new LitestreamReplicaMetrics(engine);
	}

}
