package dev.litestream.spring.autoconfigure;

import java.util.HashMap;
import java.util.Map;

import dev.litestream.InvalidSettingException;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The whole keys under which the settings of one database are written. The engine checks
 * values and names the key for all databases; this is the one place that turns it into
 * the key of the entry.
 */
final class WrittenKeys {

	private static final String PREFIX = "litestream.";

	private static final String REPLICA = "litestream.replica.";

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	private final PropertyKey database;

	private final PropertyKey replica;

	private final Map<String, PropertyKey> aliases = new HashMap<>();

	WrittenKeys(PropertyKey database, PropertyKey replica) {
		this.database = database;
		this.replica = replica;
	}

	/** A setting is written under another of its names. */
	void alias(String setting, PropertyKey writtenAs) {
		this.aliases.put(setting, writtenAs);
	}

	PropertyKey of(String setting) {
		PropertyKey alias = this.aliases.get(setting);
		if (alias != null) {
			return alias;
		}
		if (setting.startsWith(REPLICA)) {
			return this.replica.child(setting.substring(REPLICA.length()));
		}
		String key = setting.substring(PREFIX.length());
		boolean ofDatabase = KNOWN.canonical(ConfigurationPropertyName.of("dbs[0]." + key)) != null;
		return ofDatabase ? this.database.child(key) : new PropertyKey(setting);
	}

	InvalidLitestreamPropertyException whole(InvalidSettingException refused) {
		return of(refused.getKey()).invalid(refused.getProblem(), refused.getCure());
	}

}
