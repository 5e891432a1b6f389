package dev.litestream.spring.autoconfigure;

import dev.litestream.Litestream;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for an application that replicates
 * nothing. Its databases get their directories as replicated ones do, so that the switch
 * does not decide whether it starts; and unless it was switched off, the log says what is
 * missing.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnMissingBean(Litestream.class)
public final class UnreplicatedDatabaseAutoConfiguration {

	@Bean
	static DatabaseDirectoryPostProcessor litestreamDatabaseDirectoryPostProcessor() {
		return new DatabaseDirectoryPostProcessor();
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "litestream.enabled", matchIfMissing = true)
	UnreplicatedDatabaseWarning litestreamUnreplicatedDatabaseWarning(ConfigurableListableBeanFactory beanFactory) {
		return new UnreplicatedDatabaseWarning(beanFactory);
	}

}
