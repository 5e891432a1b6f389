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
 * Full key of a property, for checks that name it.
 *
 * @param name the key, such as {@code litestream.dbs[0].path}
 */
record PropertyKey(String name) {

	static PropertyKey ofDatabase(int index) {
		return new PropertyKey("litestream.dbs[" + index + "]");
	}

	/**
	 * What stands before the keys of a database that is known by its name.
	 * @param name the name, as in logs
	 * @param environment what it is configured in
	 * @return the key of its entry, or that for all databases if it has none of its own
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
			// said by whoever binds them all
		}
		return new PropertyKey("litestream");
	}

	PropertyKey child(String child) {
		return new PropertyKey(this.name + "." + child);
	}

	/**
	 * What a module says that holds no secret and names the cure.
	 * @param message a sentence without its end, which may begin with the name of a key
	 * @return a failure that repeats it
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

	/**
	 * Checks a value as the engine checks its own.
	 * @param check the check
	 * @return what it returns
	 * @throws InvalidLitestreamPropertyException with this key, if the value cannot work
	 */
	<T> T require(Function<Setting, T> check) {
		try {
			return check.apply(new Setting(this.name));
		}
		catch (InvalidSettingException ex) {
			throw invalid(ex.getProblem(), ex.getCure());
		}
	}

}
