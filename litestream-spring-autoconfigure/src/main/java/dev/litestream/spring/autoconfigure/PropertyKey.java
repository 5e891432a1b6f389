package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.function.Function;

import dev.litestream.InvalidSettingException;
import dev.litestream.Setting;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Full key of a property, such as {@code litestream.dbs[0].path}, for checks that name
 * it.
 */
record PropertyKey(String name) {

	static PropertyKey ofDatabase(int index) {
		return new PropertyKey("litestream.dbs[" + index + "]");
	}

	/**
	 * The key of a database's entry, by the name that logs show; {@code litestream} if it
	 * has no entry.
	 */
	static PropertyKey ofDatabase(String name, Environment environment) {
		try {
			List<DatabaseProperties> databases = Binder.get(environment)
				.bind("litestream.dbs", Bindable.listOf(DatabaseProperties.class))
				.orElse(List.of());
			if (DatabaseNames.in(ConfigurationPropertySources.get(environment)).containsKey(name)) {
				return new PropertyKey("litestream.dbs." + name);
			}
			for (int i = 0; i < databases.size(); i++) {
				if (name.equals(ConfiguredDatabase.displayName(databases.get(i)))) {
					return ofDatabase(i);
				}
			}
		}
		catch (BindException ex) {
			// reported when all properties are bound
		}
		return new PropertyKey("litestream");
	}

	PropertyKey child(String child) {
		return new PropertyKey(this.name + "." + child);
	}

	/**
	 * Refuses the value with a module's message, a sentence without a full stop that
	 * contains no secret and names the cure.
	 */
	InvalidLitestreamPropertyException unusable(@Nullable String message) {
		String text = String.valueOf(message);
		return invalid("cannot be used", (text.startsWith("litestream.") ? text : StringUtils.capitalize(text)) + ".");
	}

	InvalidLitestreamPropertyException invalid(String problem, String cure) {
		return new InvalidLitestreamPropertyException(this.name, problem, cure);
	}

	String requireText(@Nullable String value, String cure) {
		if (!StringUtils.hasText(value)) {
			throw invalid((value != null) ? "is empty" : "is missing", cure);
		}
		return value;
	}

	void requireUnset(@Nullable String value, String problem, String cure) {
		if (StringUtils.hasLength(value)) {
			throw invalid(problem, cure);
		}
	}

	/** Checks a value as the engine checks its own. */
	<T> T require(Function<Setting, T> check) {
		try {
			return check.apply(new Setting(this.name));
		}
		catch (InvalidSettingException ex) {
			throw invalid(ex.getProblem(), ex.getCure());
		}
	}

}
