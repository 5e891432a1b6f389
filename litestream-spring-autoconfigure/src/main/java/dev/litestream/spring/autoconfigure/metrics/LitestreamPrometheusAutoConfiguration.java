package dev.litestream.spring.autoconfigure.metrics;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamPrometheusMetrics;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that gives meters the names in
 * Prometheus that they have in Litestream, so that its Grafana dashboard works. Exclude
 * it for Micrometer's own names.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus"
				+ ".PrometheusMetricsExportAutoConfiguration")
@ConditionalOnClass({ PrometheusMeterRegistry.class, MeterRegistryCustomizer.class })
@ConditionalOnBean({ LitestreamEngine.class, PrometheusMeterRegistry.class })
public final class LitestreamPrometheusAutoConfiguration {

	@Bean
	MeterRegistryCustomizer<PrometheusMeterRegistry> litestreamPrometheusNames() {
		return (registry) -> registry.config().meterFilter(LitestreamPrometheusMetrics.names());
	}

	// No MeterBinder bean: those are bound to the registry that all others are part of.
	@Bean
	SmartInitializingSingleton litestreamPrometheusMetrics(LitestreamEngine engine, PrometheusMeterRegistry registry) {
		return () -> new LitestreamPrometheusMetrics(engine).bindTo(registry);
	}

}
