package dev.litestream.spring.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.LitestreamException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * Where properties are set, so that a failure points there.
 */
final class PropertyOrigins {

	private static final Pattern OF_DATABASE = Pattern
		.compile("litestream\\.dbs(?:\\[\\d+]|\\.[^.\\[]+)\\.(?:replicas\\[0]\\.)?(.*)");

	private final Environment environment;

	PropertyOrigins(Environment environment) {
		this.environment = environment;
	}

	/**
	 * The file and line where a property is set, or whatever is known; {@code null} if it
	 * is not set.
	 */
	@Nullable Origin origin(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			ConfigurationProperty found = source.getConfigurationProperty(name);
			if (found != null) {
				return found.getOrigin();
			}
		}
		return null;
	}

	/**
	 * The same failure, with the key for all databases if that is the one that is set.
	 */
	LitestreamException whereItIsSet(LitestreamException refusal) {
		return (refusal instanceof InvalidLitestreamPropertyException failure) ? whereItIsSet(failure) : refusal;
	}

	private InvalidLitestreamPropertyException whereItIsSet(InvalidLitestreamPropertyException failure) {
		Matcher matcher = OF_DATABASE.matcher(failure.getProperty());
		if (!matcher.matches() || isSet(failure.getProperty())) {
			return failure;
		}
		boolean ofReplica = failure.getProperty().contains("].replicas[0].");
		String common = "litestream." + (ofReplica ? "replica." : "") + matcher.group(1);
		return isSet(common) ? new InvalidLitestreamPropertyException(common, failure.getProblem(), failure.getCure())
				: failure;
	}

	/** Whether a property, or one of a group, has a value. */
	boolean isSet(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source.getConfigurationProperty(name) != null
					|| source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

}
