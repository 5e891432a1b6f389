package dev.litestream.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the refusal of keys that
 * Litestream does not know, and of durations that are not what was meant. Apart from what
 * they configure, because a slip may be the reason why there is no database to replicate.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "litestream.enabled", matchIfMissing = true)
@ImportRuntimeHints(LitestreamKeysAutoConfiguration.Hints.class)
public final class LitestreamKeysAutoConfiguration {

	@Bean
	static UnknownKeysPostProcessor litestreamUnknownKeysPostProcessor() {
		return new UnknownKeysPostProcessor();
	}

	@Bean
	static DurationsPostProcessor litestreamDurationsPostProcessor() {
		return new DurationsPostProcessor();
	}

	/** The keys are read from the accessors, whether anything is bound to them or not. */
	static class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			BindableRuntimeHintsRegistrar.forTypes(LitestreamProperties.class).registerHints(hints, classLoader);
		}

	}

}
