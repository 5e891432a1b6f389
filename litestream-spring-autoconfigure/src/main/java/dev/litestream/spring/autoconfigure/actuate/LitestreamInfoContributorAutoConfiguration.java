package dev.litestream.spring.autoconfigure.actuate;

import dev.litestream.Litestream;
import dev.litestream.spring.actuate.LitestreamInfoContributor;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;

import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.autoconfigure.info.InfoContributorFallback;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the section {@code litestream}
 * of {@code /actuator/info}, if {@code management.info.litestream.enabled} asks for it.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnClass({ InfoContributor.class, ConditionalOnEnabledInfoContributor.class })
@ConditionalOnBean(Litestream.class)
@ConditionalOnEnabledInfoContributor(value = "litestream", fallback = InfoContributorFallback.DISABLE)
public final class LitestreamInfoContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LitestreamInfoContributor litestreamInfoContributor(Litestream litestream) {
		return new LitestreamInfoContributor(litestream);
	}

}
