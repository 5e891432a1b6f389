package dev.litestream.spring.autoconfigure.actuate;

import dev.litestream.spring.actuate.LitestreamSanitizingFunction;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that keeps secrets out of
 * {@code configprops} and {@code env}. There even where nothing is replicated: the
 * secrets may be configured all the same.
 */
@AutoConfiguration
@ConditionalOnClass(SanitizingFunction.class)
public final class LitestreamSanitizingAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	LitestreamSanitizingFunction litestreamSanitizingFunction(Environment environment) {
		return new LitestreamSanitizingFunction(environment);
	}

}
