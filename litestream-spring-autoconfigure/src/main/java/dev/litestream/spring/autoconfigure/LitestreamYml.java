package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.StringUtils;

/**
 * What the keys of the original's file are called here:
 * <ol>
 * <li>all move below {@code litestream};</li>
 * <li>those directly in the file that stand for all replicas move below
 * {@code litestream.replica};</li>
 * <li>those that do not matter in an application are left out, with a warning;</li>
 * <li>all others keep their names, so that whatever is wrong is refused as if it had been
 * written here, with the line of the file.</li>
 * </ol>
 * Times are written as Go does. A bare number, of nanoseconds there, is left as it is and
 * refused: its author hardly meant that. Paths may begin with {@code ~} or
 * {@code sqlite://}.
 */
final class LitestreamYml {

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	private static final Set<String> PATHS = Set.of("dbs[].path", "dbs[].dir", "dbs[].meta-path");

	private final Log logger;

	LitestreamYml(Log logger) {
		this.logger = logger;
	}

	/** Translates the content of a file. */
	Map<String, Object> properties(EnumerablePropertySource<?> file) {
		Map<String, Object> properties = new LinkedHashMap<>();
		for (String key : file.getPropertyNames()) {
			Object value = file.getProperty(key);
			// without a value a key keeps its default
			if (value != null && StringUtils.hasLength(value.toString())) {
				add(key, value, origin(file, key), properties);
			}
		}
		return properties;
	}

	private void add(String key, Object value, @Nullable Origin origin, Map<String, Object> properties) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt("litestream." + key, '.');
		UpstreamKeys.Key upstream = UpstreamKeys.find(name);
		if (upstream != null && upstream.ignorable()) {
			this.logger.warn("'" + key + "' in " + origin + " does not apply in an application and is ignored. "
					+ upstream.cure());
			return;
		}
		if (KNOWN.canonical(name.subName(1)) == null) {
			ConfigurationPropertyName ofReplicas = InheritingBindHandler.ROOT.append("replica").append(name.subName(1));
			if (KNOWN.canonical(ofReplicas.subName(1)) != null) {
				name = ofReplicas;
			}
		}
		properties.put(name.toString(), OriginTrackedValue.of(value(name, value), origin));
	}

	private static Object value(ConfigurationPropertyName name, Object value) {
		String canonical = KNOWN.canonical(name.subName(1));
		if (canonical != null && PATHS.contains(canonical)) {
			return literal(expandHome(value.toString().replaceFirst("^sqlite3?://", "")));
		}
		if (KNOWN.isDuration(name.subName(1))) {
			Duration duration = GoDuration.parse(value.toString());
			return (duration != null) ? duration.toString() : value;
		}
		return (value instanceof String text) ? literal(text) : value;
	}

	/** Placeholders of Spring, which the original does not know. */
	private static String literal(String text) {
		return text.replace("${", "\\${");
	}

	private static @Nullable Origin origin(EnumerablePropertySource<?> file, String key) {
		return OriginLookup.getOrigin(file, key);
	}

	/** A path with the home directory in place of {@code ~}. */
	static String expandHome(String path) {
		return (path.equals("~") || path.startsWith("~/")) ? System.getProperty("user.home") + path.substring(1) : path;
	}

}
