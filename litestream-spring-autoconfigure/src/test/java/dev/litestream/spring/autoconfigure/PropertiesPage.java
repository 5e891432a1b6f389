package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.ClassUtils;

/**
 * Writes {@code docs/properties.md} from the metadata that the compiler has made of the
 * properties' Javadoc. What stands here is only how the keys are grouped.
 */
final class PropertiesPage {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	private static final String ELEMENTS = "META-INF/spring/configuration-metadata/%s.json";

	private final Map<String, Property> properties = new TreeMap<>();

	private final Set<String> written = new LinkedHashSet<>();

	private final StringBuilder page = new StringBuilder();

	PropertiesPage() {
		read(METADATA).forEach((name, property) -> {
			if (name.startsWith("litestream.")) {
				this.properties.put(name.substring("litestream.".length()), property);
			}
		});
		addElements("dbs[].", DatabaseProperties.class);
		addElements("dbs[].replicas[].", "replica.");
		addElements("levels[].", LitestreamProperties.Level.class);
	}

	/** All keys, by their names below {@code litestream}. */
	Map<String, Property> properties() {
		return this.properties;
	}

	private void addElements(String prefix, Class<?> type) {
		read(String.format(Locale.ROOT, ELEMENTS, type.getName())).forEach((name, property) -> {
			Property common = this.properties.get(name);
			this.properties.put(prefix + name, (common != null) ? common : property);
		});
	}

	private void addElements(String prefix, String group) {
		Map<String, Property> elements = new LinkedHashMap<>();
		this.properties.forEach((name, property) -> {
			if (name.startsWith(group)) {
				elements.put(prefix + name.substring(group.length()), property);
			}
		});
		this.properties.putAll(elements);
	}

	private static Map<String, Property> read(String resource) {
		try {
			Map<String, Object> metadata = JsonParserFactory.getJsonParser()
				.parseMap(new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8));
			Map<String, Property> properties = new LinkedHashMap<>();
			for (Object entry : (List<?>) metadata.get("properties")) {
				Map<?, ?> property = (Map<?, ?>) entry;
				properties.put(String.valueOf(property.get("name")), new Property(String.valueOf(property.get("type")),
						property.get("defaultValue"), (String) property.get("description")));
			}
			return properties;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Writes the page. */
	String write() {
		this.page.append("""
				# Properties

				Every key, with its default. This page is generated from the source; [configuration](configuration.md)
				explains how the keys work together, [nats.md](nats.md) those of NATS.
				""");
		Predicate<String> replica = (key) -> key.startsWith("replica.");
		Predicate<String> ofDatabases = (key) -> this.properties.containsKey("dbs[]." + key);
		Predicate<String> elements = (key) -> key.contains("[]");
		section("The whole application", "Below `litestream`:",
				ofDatabases.or(elements.and(levels().negate())).negate());
		section("One database", "Below `litestream.dbs[]`, for this database alone:",
				(key) -> key.startsWith("dbs[].") && !this.properties.containsKey(key.substring("dbs[].".length()))
						&& (!key.startsWith("dbs[].replicas[].") || key.endsWith("replicas[]")));
		section("All databases, or one",
				"Below `litestream` for all databases, and below `litestream.dbs[]` for one, where it takes precedence:",
				ofDatabases.and(replica.negate()));
		String both = "Below `litestream.replica` for all replicas, and below `litestream.dbs[].replica` for that of one"
				+ " database, where it takes precedence";
		section("The replica", both + ":", replica
			.and(anyOf(NatsConnectionProperties.class).or((key) -> key.startsWith("replica.bucket.")).negate()));
		section("Authentication at the NATS server",
				"As above. A database that has any of these itself inherits none that belong to another method:",
				replica.and(anyOf(NatsAuthenticationProperties.class)));
		section("TLS", "As above:", replica.and(anyOf(NatsTlsProperties.class)));
		section("The connection to NATS", "As above:", replica.and(anyOf(NatsConnectionProperties.class)));
		section("The bucket", "As above. All but the name only matter if it is created:", replica);
		return this.page.toString();
	}

	/**
	 * The keys of the page, below {@code litestream}. A key that exists for all databases
	 * appears there.
	 */
	Set<String> written() {
		return this.written;
	}

	private static Predicate<String> levels() {
		return (key) -> key.startsWith("levels[].");
	}

	private static Predicate<String> anyOf(Class<?> type) {
		List<String> keys = KnownKeys.of(type).leaves();
		return (key) -> keys.contains(key.substring(key.indexOf('.') + 1));
	}

	private void section(String title, String introduction, Predicate<String> keys) {
		this.page.append(String.format(Locale.ROOT, "\n## %s\n\n%s\n\n| key | default | |\n|---|---|---|\n", title,
				introduction));
		this.properties.forEach((key, property) -> {
			if (keys.test(key) && this.written.add(key)) {
				this.page.append(String.format(Locale.ROOT, "| `%s` | %s | %s |%n", shortName(key),
						property.defaultText(), property.text()));
			}
		});
	}

	private static String shortName(String key) {
		return key.startsWith("dbs[].") ? key.substring("dbs[].".length())
				: key.startsWith("replica.") ? key.substring("replica.".length()) : key;
	}

	/** A key with the name of its type, its default and its Javadoc. */
	record Property(String type, @Nullable Object defaultValue, @Nullable String description) {

		private String defaultText() {
			if (this.defaultValue == null) {
				return "";
			}
			String text = (this.defaultValue instanceof List<?> list)
					? String.join(", ", list.stream().map(String::valueOf).toList())
					: (this.defaultValue instanceof Double number && number == Math.rint(number))
							? Long.toString(number.longValue()) : this.defaultValue.toString();
			return "`" + text + "`";
		}

		private String text() {
			return String.valueOf(this.description).replace("|", "\\|") + values();
		}

		private String values() {
			if (this.type.contains("<")) {
				return this.type.startsWith("java.util.Map") ? " Names and values."
						: this.type.contains("java.lang") ? " A list." : "";
			}
			Class<?> type = ClassUtils.resolveClassName(this.type, PropertiesPage.class.getClassLoader());
			if (!type.isEnum()) {
				return "";
			}
			StringBuilder values = new StringBuilder();
			for (Object constant : type.getEnumConstants()) {
				values.append(values.isEmpty() ? " One of `" : ", `")
					.append(constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
					.append('`');
			}
			return values.append('.').toString();
		}

		/** Whether its type is boolean. */
		boolean isBoolean() {
			return this.type.equals("java.lang.Boolean");
		}

	}

}
