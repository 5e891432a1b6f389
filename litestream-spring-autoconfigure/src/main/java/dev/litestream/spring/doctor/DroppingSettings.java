package dev.litestream.spring.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.springframework.core.env.PropertyResolver;

/**
 * Settings that make Hibernate or Liquibase drop tables, at a start or at an end. What is
 * dropped in the database is dropped in its replica.
 */
public final class DroppingSettings {

	private static final Map<String, Set<String>> HIBERNATE = Map.of("spring.jpa.hibernate.ddl-auto",
			Set.of("create", "create-drop"), "spring.jpa.properties.hibernate.hbm2ddl.auto",
			Set.of("create", "create-drop", "drop"),
			"spring.jpa.properties.jakarta.persistence.schema-generation.database.action",
			Set.of("drop", "drop-and-create"));

	private static final Map<String, Set<String>> ALWAYS = Map.of("spring.liquibase.drop-first", Set.of("true"));

	private DroppingSettings() {
	}

	/**
	 * Looks for such settings.
	 * @param properties the application's settings
	 * @param jpa whether the application uses JPA
	 * @return those that are made, as {@code key=value}
	 */
	public static List<String> of(PropertyResolver properties, boolean jpa) {
		List<String> found = new ArrayList<>();
		if (jpa) {
			add(HIBERNATE, properties, found);
		}
		add(ALWAYS, properties, found);
		return found.stream().sorted().toList();
	}

	private static void add(Map<String, Set<String>> settings, PropertyResolver properties, List<String> found) {
		settings.forEach((key, values) -> {
			String value = properties.getProperty(key, "").strip().toLowerCase(Locale.ROOT);
			if (values.contains(value)) {
				found.add(key + "=" + value);
			}
		});
	}

}
