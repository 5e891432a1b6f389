package dev.litestream.spring.autoconfigure.health;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamHealthContributor;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.LitestreamProperties;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health of replication, one
 * component for each database.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(LitestreamEngine.class)
@ConditionalOnEnabledHealthIndicator("litestream")
public final class LitestreamHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "litestreamHealthIndicator", "litestreamHealthContributor" })
	CompositeHealthContributor litestreamHealthContributor(LitestreamEngine engine, LitestreamProperties properties) {
		LitestreamProperties.Health health = properties.getHealth();
		return new LitestreamHealthContributor(engine, health.getMaxLag(), properties.switchedOff(),
				new Status(health.getDisconnected().name()));
	}

}
