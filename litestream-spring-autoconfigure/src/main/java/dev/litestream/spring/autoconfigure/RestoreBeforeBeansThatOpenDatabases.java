package dev.litestream.spring.autoconfigure;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Makes everything that may open a database depend on the engine, which restores when it
 * is created: DataSources, database initializers (Flyway, Liquibase, scripts) and what
 * depends on these (JdbcTemplate, JPA and others).
 * <p>
 * The detectors of Spring Boot are only consulted. Were the engine registered with them
 * as an initializer, {@code spring.jpa.defer-datasource-initialization} would make it
 * depend on the EntityManagerFactory, which depends on it.
 * <p>
 * Done twice: when definitions are registered, for a DataSource that some
 * BeanFactoryPostProcessor already uses, and at the very end, for what came later.
 */
class RestoreBeforeBeansThatOpenDatabases implements BeanDefinitionRegistryPostProcessor, EnvironmentAware, Ordered {

	private static final boolean DETECTORS_PRESENT = ClassUtils.isPresent(
			"org.springframework.boot.sql.init.dependency.DatabaseInitializerDetector",
			RestoreBeforeBeansThatOpenDatabases.class.getClassLoader());

	private @Nullable Environment environment;

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		if (registry instanceof ConfigurableListableBeanFactory beanFactory) {
			addDependencies(beanFactory, false);
		}
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		addDependencies(beanFactory, true);
	}

	private void addDependencies(ConfigurableListableBeanFactory beanFactory, boolean complete) {
		if (AotDetector.useGeneratedArtifacts()) {
			return; // the generated definitions hold the dependencies already
		}
		Set<String> engines = Set.of(beanFactory.getBeanNamesForType(LitestreamEngine.class, true, false));
		if (engines.isEmpty()) {
			return;
		}
		Set<String> users = new LinkedHashSet<>();
		for (String name : beanFactory.getBeanNamesForType(DataSource.class, true, false)) {
			users.add(BeanFactoryUtils.transformedBeanName(name));
		}
		// the detectors may look at beans, and some change definitions
		if (complete && DETECTORS_PRESENT) {
			Assert.state(this.environment != null, "'environment' must not be null");
			users.addAll(BeansThatOpenDatabases.detect(beanFactory, this.environment));
		}
		users.removeAll(engines);
		for (String user : users) {
			// no definition: a singleton registered by hand, or a bean of the parent
			if (beanFactory.containsBeanDefinition(user)) {
				addDependsOn(beanFactory.getBeanDefinition(user), engines);
			}
		}
	}

	private void addDependsOn(BeanDefinition definition, Set<String> engines) {
		Set<String> dependsOn = new LinkedHashSet<>(engines);
		String[] existing = definition.getDependsOn();
		if (existing != null) {
			dependsOn.addAll(Arrays.asList(existing));
		}
		definition.setDependsOn(StringUtils.toStringArray(dependsOn));
	}

	/**
	 * Last, so that dependencies on initializers that Boot adds are kept, not replaced.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
