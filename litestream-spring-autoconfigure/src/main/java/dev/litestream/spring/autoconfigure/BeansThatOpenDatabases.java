package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Set;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.sql.init.dependency.DatabaseInitializerDetector;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitializationDetector;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/**
 * Asks Spring Boot's detectors, and those of third parties, which beans initialize a
 * database and which need an initialized one. Apart from its only user so that
 * {@code spring-boot-sql} may be absent.
 */
final class BeansThatOpenDatabases {

	private BeansThatOpenDatabases() {
	}

	/** Names of beans that open a database. */
	static Set<String> detect(ConfigurableListableBeanFactory beanFactory, Environment environment) {
		SpringFactoriesLoader loader = SpringFactoriesLoader
			.forDefaultResourceLocation(beanFactory.getBeanClassLoader());
		ArgumentResolver arguments = ArgumentResolver.of(Environment.class, environment);
		Set<String> names = new LinkedHashSet<>();
		for (DatabaseInitializerDetector detector : loader.load(DatabaseInitializerDetector.class, arguments)) {
			names.addAll(detector.detect(beanFactory));
		}
		for (DependsOnDatabaseInitializationDetector detector : loader
			.load(DependsOnDatabaseInitializationDetector.class, arguments)) {
			names.addAll(detector.detect(beanFactory));
		}
		return names;
	}

}
