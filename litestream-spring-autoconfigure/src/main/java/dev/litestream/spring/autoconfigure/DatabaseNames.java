package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

/**
 * The databases that are configured by their names, {@code litestream.dbs.shop.path},
 * beside or instead of a list. Of a list the strongest source counts alone; the keys of a
 * name may come from several.
 */
final class DatabaseNames {

	static final ConfigurationPropertyName DATABASES = ConfigurationPropertyName.of("litestream.dbs");

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	private DatabaseNames() {
	}

	/**
	 * The names of databases in the order of the sources, each with the full name of its
	 * entry. Only names with a known key count.
	 */
	static Map<String, ConfigurationPropertyName> in(Iterable<ConfigurationPropertySource> sources) {
		Map<String, ConfigurationPropertyName> names = new LinkedHashMap<>();
		for (ConfigurationPropertySource source : sources) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter(DATABASES::isAncestorOf)
					.filter((name) -> name.getNumberOfElements() > 3 && !name.isNumericIndex(2))
					.filter((name) -> KNOWN.canonical(name.subName(1)) != null)
					.forEach((name) -> names.putIfAbsent(name.getElement(2, Form.DASHED), name.chop(3)));
			}
		}
		return names;
	}

}
