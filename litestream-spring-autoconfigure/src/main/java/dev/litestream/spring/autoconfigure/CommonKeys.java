package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;

/**
 * The keys that are set for all databases, below {@code litestream}, looked up once
 * however many databases there are. {@code servers} are those of the URL, or empty
 * without one.
 */
record CommonKeys(Set<String> keys, boolean hasBucketName, String servers, boolean urlIsFile) {

	static final KnownKeys SETTINGS = KnownKeys.of(DatabaseSettings.class);

	static final String BUCKET = "replica.bucket";

	private static final CommonKeys NONE = new CommonKeys(Set.of(), false, "", false);

	static CommonKeys none() {
		return NONE;
	}

	static CommonKeys in(Iterable<ConfigurationPropertySource> sources) {
		Set<String> keys = new LinkedHashSet<>();
		for (String key : SETTINGS.leaves()) {
			if (isSet(InheritingBindHandler.ROOT.append(key), sources)) {
				keys.add(key);
			}
		}
		boolean bucketName = value(InheritingBindHandler.ROOT.append(BUCKET), sources) != null;
		if (bucketName) {
			keys.add(BUCKET);
		}
		String url = value(InheritingBindHandler.ROOT.append("replica.url"), sources);
		return new CommonKeys(keys, bucketName, servers(url), isFileUrl(url));
	}

	/** Whether a key, or one of a group, is set. */
	boolean leadsTo(String key) {
		return this.keys.contains(key)
				|| this.keys.stream().anyMatch((common) -> common.startsWith(key + ".") || key.equals(common + "[]"));
	}

	/** What stands between the slashes of a URL, without user and password. */
	static String servers(@Nullable String url) {
		return (url != null) ? url.strip().replaceFirst("^[^/]*//([^/]*@)?([^/]*).*", "$2") : "";
	}

	static boolean isFileUrl(@Nullable String url) {
		return url != null && url.strip().toLowerCase(Locale.ROOT).startsWith("file:");
	}

	static boolean isSet(ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			if (source.getConfigurationProperty(name) != null
					|| source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

	static @Nullable String value(ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			ConfigurationProperty property = source.getConfigurationProperty(name);
			if (property != null) {
				return String.valueOf(property.getValue());
			}
		}
		return null;
	}

}
