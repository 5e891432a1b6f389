package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.IgnoreTopLevelConverterNotFoundBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;
import org.springframework.util.Assert;

/**
 * Stops the start-up at a duration below {@code litestream} that is not what its author
 * meant, see {@link WrittenDuration}. A bound {@link Duration} no longer tells how it was
 * written, so the properties are bound once more to look at the texts: that finds them in
 * every source, under every name that Spring Boot accepts.
 */
class DurationsPostProcessor implements BeanFactoryPostProcessor, EnvironmentAware, PriorityOrdered {

	private @Nullable Environment environment;

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		Assert.state(this.environment != null, "'environment' must not be null");
		Texts texts = new Texts();
		try {
			Binder.get(this.environment)
				.bind(InheritingBindHandler.ROOT, Bindable.ofInstance(new LitestreamProperties()),
						new InheritingBindHandler(texts));
		}
		catch (BindException ex) {
			// reported when the properties are bound to their bean
		}
		texts.found.forEach(WrittenDuration::check);
	}

	@Override
	public int getOrder() {
		// unknown keys first
		return Ordered.HIGHEST_PRECEDENCE + 1;
	}

	/** Collects the texts of all durations that are bound. */
	private static final class Texts extends AbstractBindHandler {

		private static final ConfigurationPropertyName LEVELS = InheritingBindHandler.ROOT.append("levels");

		private final List<WrittenDuration> found = new ArrayList<>();

		Texts() {
			// an environment variable may be called LITESTREAM
			super(new IgnoreTopLevelConverterNotFoundBindHandler());
		}

		@Override
		public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
				Object result) {
			// levels: 30s, 5m, 1h
			boolean ofLevels = LEVELS.equals(name) || LEVELS.isParentOf(name);
			if (ofLevels || target.getType().resolve() == Duration.class) {
				// with its placeholders replaced
				String text = context.getBinder().bind(name, Bindable.of(String.class)).orElse("");
				for (String part : ofLevels ? text.split(",") : new String[] { text }) {
					this.found.add(new WrittenDuration(name, part.strip()));
				}
			}
			return super.onSuccess(name, target, context, result);
		}

	}

}
