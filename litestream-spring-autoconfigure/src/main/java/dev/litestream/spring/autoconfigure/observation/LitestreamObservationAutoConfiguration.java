package dev.litestream.spring.autoconfigure.observation;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamObservations;
import dev.litestream.spring.OperationObservationConvention;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.LitestreamCustomizer;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for observations of restores,
 * snapshots, compactions and verifications.
 */
@AutoConfiguration(before = LitestreamAutoConfiguration.class)
@ConditionalOnClass(ObservationRegistry.class)
public final class LitestreamObservationAutoConfiguration {

	// Nothing but providers: these beans are created before databases are restored.
	@Bean
	@ConditionalOnMissingBean
	LitestreamObservations litestreamObservations(ObjectProvider<ObservationRegistry> registry,
			ObjectProvider<OperationObservationConvention> convention, ObjectProvider<LitestreamEngine> engine) {
		return new LitestreamObservations(registry::getIfAvailable, convention::getIfAvailable, engine::getIfUnique);
	}

	@Bean
	LitestreamCustomizer litestreamObservationsCustomizer(LitestreamObservations observations) {
		return (builder) -> builder.listener(observations);
	}

}
