package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.handler.IgnoreTopLevelConverterNotFoundBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Lets each element of {@code litestream.dbs} begin with what is said for all databases,
 * directly below {@code litestream}, before its own keys are bound over it. So the bound
 * properties of a database are complete, and nothing that reads them has to know where a
 * value came from.
 */
final class InheritingBindHandler extends AbstractBindHandler {

	static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("litestream");

	private static final ConfigurationPropertyName DATABASES = DatabaseNames.DATABASES;

	private static final ConfigurationPropertyName REPLICA = ROOT.append("replica");

	private CommonKeys common = CommonKeys.none();

	InheritingBindHandler(BindHandler parent) {
		super(parent);
	}

	@Override
	public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
		Bindable<T> result = super.onStart(name, target, context);
		if (DATABASES.equals(name)) {
			// anew each time: a handler may serve several bindings
			this.common = CommonKeys.in(context.getSources());
		}
		if (result == null || this.common.keys().isEmpty() || !isBelowDatabases(name)) {
			return result;
		}
		Class<?> type = result.getType().resolve(Object.class);
		if (name.getNumberOfElements() == 3 && type == DatabaseProperties.class) {
			return seeded(result, new DatabaseProperties(), ROOT,
					new Inheritance(name, "replica", context.getSources(), this.common), context);
		}
		// litestream.dbs[0].replicas[0]
		if (name.getNumberOfElements() == 5 && name.isLastElementIndexed() && type == ReplicaProperties.class) {
			return seeded(result, new ReplicaProperties(), REPLICA,
					new Inheritance(name.chop(3), "replicas[0]", context.getSources(), this.common), context);
		}
		return result;
	}

	@Override
	public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
			@Nullable Object result) throws Exception {
		if (ROOT.equals(name)) {
			Object bound = (result != null || target.getValue() == null) ? result : target.getValue().get();
			if (bound instanceof LitestreamProperties properties) {
				bindNamed(properties, context);
			}
		}
		super.onFinish(name, target, context, result);
	}

	/** Behind those of the list. */
	private void bindNamed(LitestreamProperties properties, BindContext context) {
		List<DatabaseProperties> databases = new ArrayList<>(properties.getDbs());
		databases.removeIf(DatabaseProperties::isNamedByItsKey); // bound before
		DatabaseNames.in(context.getSources())
			.forEach((name, key) -> context.getBinder()
				.bind(key, Bindable.of(DatabaseProperties.class), this)
				.ifBound((database) -> databases.add(database.namedByItsKey(name))));
		properties.setDbs(databases);
	}

	private static boolean isBelowDatabases(ConfigurationPropertyName name) {
		return name.getNumberOfElements() > 2 && DATABASES.isAncestorOf(name);
	}

	@SuppressWarnings("unchecked")
	private static <T> Bindable<T> seeded(Bindable<T> target, Object instance, ConfigurationPropertyName from,
			Inheritance inheritance, BindContext context) {
		context.getBinder().bind(from, Bindable.ofInstance(instance), new InheritedOnly(inheritance));
		return target.withExistingValue((T) instance);
	}

	/** Binds what a database takes over and leaves out the rest. */
	private static final class InheritedOnly extends AbstractBindHandler {

		private final Inheritance inheritance;

		InheritedOnly(Inheritance inheritance) {
			// an environment variable may be called LITESTREAM
			super(new IgnoreTopLevelConverterNotFoundBindHandler());
			this.inheritance = inheritance;
		}

		@Override
		public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target,
				BindContext context) {
			return this.inheritance.includes(name) ? super.onStart(name, target, context) : null;
		}

	}

}
