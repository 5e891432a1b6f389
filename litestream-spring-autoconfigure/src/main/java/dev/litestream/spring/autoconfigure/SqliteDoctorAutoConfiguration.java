package dev.litestream.spring.autoconfigure;

import java.time.Clock;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.doctor.DroppingSettings;
import dev.litestream.spring.doctor.KnownDataSources;
import dev.litestream.spring.doctor.SqliteDoctor;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the SQLite doctor, and for the
 * checks of DataSources that stop a start-up.
 */
@AutoConfiguration(after = LitestreamAutoConfiguration.class)
@ConditionalOnBean(LitestreamEngine.class)
@EnableConfigurationProperties(LitestreamProperties.class)
public final class SqliteDoctorAutoConfiguration {

	private static final String JPA = "jakarta.persistence.EntityManagerFactory";

	private static final String OPEN_IN_VIEW = "org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor";

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = "litestream.doctor.enabled", matchIfMissing = true)
	SqliteDoctor sqliteDoctor(LitestreamProperties properties, LitestreamEngine engine,
			ConfigurableListableBeanFactory beanFactory, Environment environment) {
		boolean jpa = has(JPA, beanFactory);
		return new SqliteDoctor(engine, () -> KnownDataSources.of(beanFactory),
				ConfiguredPathCheck.configured(properties), jpa, has(OPEN_IN_VIEW, beanFactory),
				DroppingSettings.of(environment, jpa), properties.getDoctor().getIgnore(), Clock.systemUTC());
	}

	private static boolean has(String type, ListableBeanFactory beanFactory) {
		ClassLoader classLoader = SqliteDoctorAutoConfiguration.class.getClassLoader();
		return ClassUtils.isPresent(type, classLoader) && beanFactory
			.getBeanNamesForType(ClassUtils.resolveClassName(type, classLoader), false, false).length > 0;
	}

	@Bean
	StartupExamination litestreamStartupExamination(LitestreamProperties properties, LitestreamEngine engine,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<SqliteDoctor> doctor) {
		return new StartupExamination(properties, engine, beanFactory, doctor);
	}

}
