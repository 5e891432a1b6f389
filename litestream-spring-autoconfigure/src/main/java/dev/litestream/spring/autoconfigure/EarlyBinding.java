package dev.litestream.spring.autoconfigure;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindingPostProcessor;

/**
 * Binds the properties when a BeanFactoryPostProcessor makes beans before Spring Boot
 * binds any: an engine without its properties would restore nothing, and the database
 * would be opened empty.
 */
final class EarlyBinding {

	private EarlyBinding() {
	}

	/** Binds, unless that is done for every bean already. */
	static void ensure(BeanFactory beanFactory, LitestreamProperties properties) {
		if (!(beanFactory instanceof DefaultListableBeanFactory factory) || factory.getBeanPostProcessors()
			.stream()
			.anyMatch(ConfigurationPropertiesBindingPostProcessor.class::isInstance)) {
			return;
		}
		ConfigurationPropertiesBindingPostProcessor binding = factory.getBean(
				ConfigurationPropertiesBindingPostProcessor.BEAN_NAME,
				ConfigurationPropertiesBindingPostProcessor.class);
		for (String name : factory.getBeanNamesForType(LitestreamProperties.class, false, false)) {
			binding.postProcessBeforeInitialization(properties, name);
		}
	}

}
