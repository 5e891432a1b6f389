package dev.litestream.spring.test;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * Finds {@link AutoConfigureReplicatedDatabase} on test classes, their superclasses and
 * the classes around them.
 */
class ReplicatedDatabaseContextCustomizerFactory implements ContextCustomizerFactory {

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> attributes) {
		AutoConfigureReplicatedDatabase annotation = TestContextAnnotationUtils.findMergedAnnotation(testClass,
				AutoConfigureReplicatedDatabase.class);
		return (annotation != null) ? new ReplicatedDatabaseContextCustomizer(annotation.replica(), annotation.name(),
				annotation.urlProperty()) : null;
	}

}
