package dev.litestream.spring.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the refusal of keys that
 * Litestream does not know. Apart from what they configure, because a slip may be the
 * reason why there is no database to replicate.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "litestream.enabled", matchIfMissing = true)
public final class LitestreamKeysAutoConfiguration {

	@Bean
	static UnknownKeysPostProcessor litestreamUnknownKeysPostProcessor() {
		return new UnknownKeysPostProcessor();
	}

}
