package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.Assert;

/**
 * Stops the start-up at a key below {@code litestream} that nothing reads, before any
 * bean is created: a backup that is not made because of a slip of the pen is noticed when
 * it is needed. In the process' environment, where {@code LITESTREAM_} may stand before
 * anything, a slip is only warned about; a system property has to look like one.
 */
class UnknownKeysPostProcessor implements BeanFactoryPostProcessor, EnvironmentAware, PriorityOrdered {

	private static final Log logger = LogFactory.getLog(UnknownKeysPostProcessor.class);

	private final KnownKeys known = KnownKeys.of(LitestreamProperties.class);

	private @Nullable Environment environment;

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		Assert.state(this.environment != null, "'environment' must not be null");
		NearestKey nearest = new NearestKey(this.known);
		Set<ConfigurationPropertyName> unknown = new LinkedHashSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource variables) {
				warn(variables, new EnvironmentVariables(this.known));
			}
			else if (source instanceof IterableConfigurationPropertySource iterable) {
				boolean ofSystem = isOfSystem(source.getUnderlyingSource());
				iterable.stream()
					.filter(InheritingBindHandler.ROOT::isAncestorOf)
					.filter((name) -> this.known.canonical(name.subName(1)) == null)
					.filter((name) -> !ofSystem || nearest.to(name) != null)
					.forEach(unknown::add);
			}
		}
		refuse(new ArrayList<>(unknown), nearest);
	}

	private static boolean isOfSystem(@Nullable Object source) {
		return source instanceof PropertySource<?> propertySource
				&& propertySource.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
	}

	private void warn(SystemEnvironmentPropertySource source, EnvironmentVariables variables) {
		for (String name : source.getPropertyNames()) {
			String cure = variables.cure(name);
			if (cure != null) {
				logger.warn(
						"The environment variable " + name + " is not known to Litestream and has no effect. " + cure);
			}
		}
	}

	private void refuse(List<ConfigurationPropertyName> unknown, NearestKey nearest) {
		if (unknown.isEmpty()) {
			return;
		}
		ConfigurationPropertyName first = unknown.get(0);
		UpstreamKeys.Key upstream = UpstreamKeys.find(first);
		String problem = (upstream != null) ? "is a key of Litestream that does not apply in an application"
				: "is not known";
		String meant = nearest.to(first);
		String cure = (upstream != null) ? upstream.cure() : (meant != null) ? "Did you mean " + meant + "?"
				: "Correct it, or remove it; docs/properties.md has all keys.";
		if (unknown.size() > 1) {
			cure += " Not known either: "
					+ String.join(", ", unknown.subList(1, unknown.size()).stream().map(Object::toString).toList())
					+ ".";
		}
		throw new InvalidLitestreamPropertyException(first.toString(), problem, cure);
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
