package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;

/**
 * Which keys one database takes over from those for all databases. All but
 * <ol>
 * <li>what only a single database can have: its path and the like;</li>
 * <li>keys that contradict its own: a database with its own token does not want the
 * password of the others as well;</li>
 * <li>what concerns NATS alone, if its own replica is a directory;</li>
 * <li>credentials and TLS, if its own URL names other servers than the common one: they
 * are not shown to strangers.</li>
 * </ol>
 */
final class Inheritance {

	private static final Set<String> NATS = Stream
		.concat(ofReplica(NatsConnectionProperties.class).stream(),
				KnownKeys.of(BucketProperties.class).leaves().stream().map((key) -> "replica.bucket." + key))
		.collect(Collectors.toUnmodifiableSet());

	private static final Set<String> PLACE = Set.of("replica.path", "replica.type", "replica.bucket.name");

	private static final Set<String> AUTHENTICATION = ofReplica(NatsAuthenticationProperties.class);

	private static final Set<String> AUTHENTICATION_AND_TLS = ofReplica(NatsTlsProperties.class);

	/**
	 * Several ways to say one thing. Of each line the keys that go together are inherited
	 * if those of the database are among them.
	 */
	private static final List<List<Set<String>>> ALTERNATIVES = List.of(
			List.of(Set.of("sync-interval"), Set.of("monitor-interval"), Set.of("replica.sync-interval")),
			List.of(Set.of("snapshot.interval"), Set.of("replica.snapshot-interval")),
			List.of(Set.of("snapshot.retention"), Set.of("replica.retention")),
			List.of(Set.of("restore.on-startup"), Set.of("restore-if-db-not-exists")),
			replica(List.of(Set.of("username", "password"), Set.of("username", "password-file"), Set.of("token"),
					Set.of("token-file"), Set.of("creds"), Set.of("jwt", "seed"), Set.of("jwt", "seed-file"),
					Set.of("nkey", "seed"), Set.of("nkey", "seed-file"))),
			replica(List.of(Set.of("root-cas", "client-cert", "client-key"), Set.of("ssl.bundle"))),
			replica(List.of(Set.of("domain"), Set.of("api-prefix"))));

	private final CommonKeys common;

	/** The rules that concern what is there, and of each the keys of the database. */
	private final Map<List<Set<String>>, Set<String>> own = new LinkedHashMap<>();

	private final boolean directory;

	private final boolean urlIdentifies;

	private final boolean urlNamesPlace;

	private final String servers;

	/**
	 * Looks at the keys of one database, whose replica is {@code replica} or {@code
	 * replicas[0]}.
	 */
	Inheritance(ConfigurationPropertyName database, String replica, Iterable<ConfigurationPropertySource> sources,
			CommonKeys common) {
		this.common = common;
		for (List<Set<String>> alternatives : ALTERNATIVES) {
			Set<String> keys = alternatives.stream().flatMap(Set::stream).collect(Collectors.toSet());
			if (keys.stream().anyMatch(common.keys()::contains)) {
				keys.removeIf((key) -> !CommonKeys
					.isSet(database.append(key.replaceFirst("^replica\\.", replica + ".")), sources));
				this.own.put(alternatives, keys);
			}
		}
		String url = CommonKeys.value(database.append(replica + ".url"), sources);
		String type = CommonKeys.value(database.append(replica + ".type"), sources);
		this.directory = (url != null) ? CommonKeys.isFileUrl(url) : "file".equalsIgnoreCase(type);
		this.servers = CommonKeys.servers(url);
		this.urlNamesPlace = url != null && url.strip().matches("(file:|[^/]*//[^/]*/+[^/]).*");
		this.urlIdentifies = url != null && url.contains("@");
	}

	/** Whether a key for all databases counts for this one too. */
	boolean includes(ConfigurationPropertyName name) {
		if (name.getNumberOfElements() <= 1) {
			return true;
		}
		String key = CommonKeys.SETTINGS.canonical(name.subName(1));
		if (key == null || !this.common.leadsTo(key)) {
			return false;
		}
		if (this.directory && (NATS.contains(key) || key.equals("replica.url") && !this.common.urlIsFile())) {
			return false;
		}
		if (this.urlNamesPlace
				&& (PLACE.contains(key) || key.equals(CommonKeys.BUCKET) && this.common.hasBucketName())) {
			return false;
		}
		if (this.urlIdentifies && AUTHENTICATION.contains(key)
				|| isForOtherServers() && AUTHENTICATION_AND_TLS.contains(key)) {
			return false;
		}
		for (Map.Entry<List<Set<String>>, Set<String>> rule : this.own.entrySet()) {
			boolean concerned = rule.getKey().stream().anyMatch((keys) -> keys.contains(key));
			if (concerned && !rule.getValue().isEmpty()
					&& rule.getKey()
						.stream()
						.noneMatch((keys) -> keys.contains(key) && keys.containsAll(rule.getValue()))) {
				return false;
			}
		}
		return true;
	}

	private boolean isForOtherServers() {
		return !this.servers.isEmpty() && !this.common.servers().isEmpty()
				&& !this.servers.equals(this.common.servers());
	}

	private static List<Set<String>> replica(List<Set<String>> alternatives) {
		return alternatives.stream()
			.map((keys) -> keys.stream().map((key) -> "replica." + key).collect(Collectors.toUnmodifiableSet()))
			.toList();
	}

	private static Set<String> ofReplica(Class<?> type) {
		return KnownKeys.of(type)
			.leaves()
			.stream()
			.map((key) -> "replica." + key)
			.collect(Collectors.toUnmodifiableSet());
	}

}
