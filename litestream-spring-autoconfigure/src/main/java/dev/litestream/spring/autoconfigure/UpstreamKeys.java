package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/**
 * Keys of the original's {@code litestream.yml} that cannot apply in an application, and
 * what to do instead. Those of other stores and of encryption have to be removed by hand,
 * since what they ask for would not be done; of the others a file that is imported may
 * keep what it says to the original.
 */
final class UpstreamKeys {

	private static final String METERS = "Use the meters, health and endpoints of Spring Boot Actuator.";

	private static final String OTHER_STORES = "Remove it: databases are replicated to NATS or to a directory"
			+ " (litestream.replica.url=nats://localhost:4222/bucket or file:///var/backups/app).";

	private static final Map<String, Key> OF_APPLICATION = new LinkedHashMap<>();

	private static final Map<String, Key> OF_DATABASE = new LinkedHashMap<>();

	private static final Map<String, Key> OF_REPLICA = new LinkedHashMap<>();

	static {
		ignorable(OF_APPLICATION, "exec",
				"Remove it: the application replicates its database itself and is started as usual.");
		ignorable(OF_APPLICATION, "addr",
				"Remove it: metrics are published by Spring Boot Actuator, on the port management.server.port.");
		ignorable(OF_APPLICATION, "mcp-addr", "Remove it. " + METERS);
		ignorable(OF_APPLICATION, "socket", "Remove it: there is no control socket. " + METERS);
		ignorable(OF_APPLICATION, "logging", "Set logging.level.dev.litestream and Spring Boot's other logging keys.");
		ignorable(OF_APPLICATION, "heartbeat-url", "Remove it and watch the application's health. " + METERS);
		ignorable(OF_APPLICATION, "heartbeat-interval", "Remove it and watch the application's health. " + METERS);
		ignorable(OF_APPLICATION, "validation",
				"Set verification.interval: each backup is restored and compared with its database.");
		ignorable(OF_APPLICATION, "verify-compaction", "Remove it: merged files are always read back and verified.");
		ignorable(OF_APPLICATION, "shutdown-sync-interval",
				"Remove it: the final sync is repeated until shutdown-sync-timeout.");
		refused(OF_DATABASE, "meta-dir", "Set litestream.dbs[].meta-path: with dir it is the directory of all spools.");
		ignorable(OF_DATABASE, "truncate-page-n",
				"Remove it: the WAL is never truncated under its writers. It is kept small by checkpoints, from"
						+ " min-checkpoint-page-count pages on.");
		ignorable(OF_DATABASE, "max-checkpoint-page-count",
				"Remove it, as Litestream 0.5 ignores it, or set min-checkpoint-page-count.");
		ignorable(OF_REPLICA, "name", "Remove it: a database has one replica, which needs no name.");
		ignorable(OF_REPLICA, "max-sync-ltx-files",
				"Set max-objects-per-second, which bounds what is sent to the replica.");
		ignorable(OF_REPLICA, "auto-recover",
				"Remove it: what the local spool lacks is always made up for by a resync.");
		ignorable(OF_REPLICA, "validation-interval",
				"Set verification.interval: each backup is restored and compared with its database.");
		ignorable(OF_REPLICA, "retention-check-interval", "Set litestream.l0-retention-check-interval.");
		refused(OF_REPLICA, "age",
				"Remove it: backups cannot be encrypted by age, neither here nor by Litestream 0.5. Use TLS to the"
						+ " NATS servers, and let them encrypt what they store.");
		Stream
			.of("access-key-id", "secret-access-key", "region", "endpoint", "force-path-style", "sign-payload",
					"require-content-md5", "skip-verify", "storage-class", "part-size", "concurrency",
					"sse-customer-algorithm", "sse-customer-key", "sse-customer-key-path", "sse-kms-key-id",
					"account-name", "account-key", "sas-token", "host", "user", "key-path", "concurrent-writes",
					"host-key", "webdav-url", "webdav-username", "webdav-password")
			.forEach((key) -> refused(OF_REPLICA, key, OTHER_STORES));
	}

	private UpstreamKeys() {
	}

	/**
	 * Looks up a key; {@code null} if the original does not have it, or it applies here
	 * too.
	 */
	static @Nullable Key find(ConfigurationPropertyName name) {
		int element = 1;
		Map<String, Key> keys = OF_APPLICATION;
		if (name.getNumberOfElements() > 3 && uniform(name, 1).equals("dbs")) {
			element = 3;
			keys = OF_DATABASE;
		}
		else if (name.getNumberOfElements() > 3 && uniform(name, 1).equals("levels")
				&& uniform(name, 3).equals("retention")) {
			return new Key("Remove it, as Litestream 0.5 ignores it, or set snapshot.retention.", true);
		}
		Key key = keys.get(uniform(name, element));
		if (key == null && uniform(name, element).equals("replica") && name.getNumberOfElements() > element + 1) {
			return OF_REPLICA.get(uniform(name, element + 1));
		}
		if (key == null && uniform(name, element).equals("replicas") && name.getNumberOfElements() > element + 2) {
			return OF_REPLICA.get(uniform(name, element + 2));
		}
		// directly below litestream, the original takes them as defaults of all replicas
		return (key == null && element == 1) ? firstOf(OF_DATABASE, OF_REPLICA, uniform(name, 1)) : key;
	}

	private static @Nullable Key firstOf(Map<String, Key> first, Map<String, Key> second, String name) {
		Key key = first.get(name);
		return (key != null) ? key : second.get(name);
	}

	private static String uniform(ConfigurationPropertyName name, int element) {
		return name.getElement(element, Form.UNIFORM);
	}

	private static void ignorable(Map<String, Key> keys, String name, String cure) {
		keys.put(name.replace("-", ""), new Key(cure, true));
	}

	private static void refused(Map<String, Key> keys, String name, String cure) {
		keys.put(name.replace("-", ""), new Key(cure, false));
	}

	/**
	 * A key of the original that does not apply here. {@code ignorable} means that an
	 * imported file may keep it.
	 */
	record Key(String cure, boolean ignorable) {

	}

}
