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
 * What is set for all databases, looked up once however many there are.
 *
 * @param keys the keys that are set, below {@code litestream}
 * @param hasBucketName whether the bucket is given by its name alone
 * @param servers the servers of the URL, empty without one
 * @param urlIsFile whether the URL is that of a directory
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

	/**
	 * Whether there is anything to bind.
	 * @param key a key, or a group of them
	 * @return whether it is set, or one of the group is
	 */
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
