package dev.litestream.spring.autoconfigure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;

/**
 * Which keys one database takes over from those for all databases. All but
 * <ol>
 * <li>what only a single database can have: its path and the like;</li>
 * <li>what its own keys stand against: who brings a token of its own does not want the
 * password of the others as well;</li>
 * <li>what concerns NATS alone, if its own replica is a directory;</li>
 * <li>credentials and TLS, if its own URL names other servers than the common one: they
 * are not shown to strangers.</li>
 * </ol>
 */
final class Inheritance {

	private static final KnownKeys SETTINGS = KnownKeys.of(DatabaseSettings.class);

	private static final Set<String> NATS = Stream
		.concat(ofReplica(NatsConnectionProperties.class).stream(),
				KnownKeys.of(BucketProperties.class).leaves().stream().map((key) -> "replica.bucket." + key))
		.collect(Collectors.toUnmodifiableSet());

	private static final Set<String> PLACE = Set.of("replica.path", "replica.type", "replica.bucket.name");

	private static final Set<String> AUTHENTICATION = ofReplica(NatsAuthenticationProperties.class);

	private static final Set<String> AUTHENTICATION_AND_TLS = ofReplica(NatsTlsProperties.class);

	private static final ConfigurationPropertyName COMMON_URL = ConfigurationPropertyName.of("litestream.replica.url");

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

	private final Set<String> own;

	private final boolean directory;

	private final boolean urlIdentifies;

	private final boolean urlNamesPlace;

	private final String servers;

	/**
	 * Looks at the keys of one database.
	 * @param database its name, {@code litestream.dbs[0]}
	 * @param sources what it is bound from
	 */
	Inheritance(ConfigurationPropertyName database, Iterable<ConfigurationPropertySource> sources) {
		this(database, "replica", sources);
	}

	Inheritance(ConfigurationPropertyName database, String replica, Iterable<ConfigurationPropertySource> sources) {
		this.own = new LinkedHashSet<>();
		for (String key : SETTINGS.leaves()) {
			String ownKey = key.startsWith("replica.") ? replica + key.substring("replica".length()) : key;
			if (isSet(database.append(ownKey), sources)) {
				this.own.add(key);
			}
		}
		String url = value(database.append(replica + ".url"), sources);
		String type = value(database.append(replica + ".type"), sources);
		this.directory = (url != null) ? isFileUrl(url) : "file".equalsIgnoreCase(type);
		this.servers = servers(url);
		this.urlNamesPlace = url != null && url.strip().matches("(file:|[^/]*//[^/]*/+[^/]).*");
		this.urlIdentifies = url != null && url.contains("@");
	}

	/**
	 * Whether a key for all databases counts for this one too.
	 * @param name the key, below {@code litestream}
	 * @param sources where its value is
	 * @return whether it is inherited
	 */
	boolean includes(ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
		if (name.getNumberOfElements() <= 1) {
			return true;
		}
		String key = SETTINGS.canonical(name.subName(1));
		if (key == null) {
			return false;
		}
		if (this.directory && NATS.contains(key) || this.urlIdentifies && AUTHENTICATION.contains(key)) {
			return false;
		}
		if (this.urlNamesPlace
				&& (PLACE.contains(key) || key.equals("replica.bucket") && value(name, sources) != null)) {
			return false;
		}
		if (AUTHENTICATION_AND_TLS.contains(key) && !this.servers.isEmpty()) {
			String commonServers = servers(value(COMMON_URL, sources));
			if (!commonServers.isEmpty() && !commonServers.equals(this.servers)) {
				return false;
			}
		}
		if (this.directory && key.equals("replica.url") && !isFileUrl(value(name, sources))) {
			return false;
		}
		for (List<Set<String>> alternatives : ALTERNATIVES) {
			Set<String> ownOfThese = alternatives.stream()
				.flatMap(Set::stream)
				.filter(this.own::contains)
				.collect(Collectors.toSet());
			boolean concerned = alternatives.stream().anyMatch((keys) -> keys.contains(key));
			if (concerned && !ownOfThese.isEmpty()
					&& alternatives.stream().noneMatch((keys) -> keys.contains(key) && keys.containsAll(ownOfThese))) {
				return false;
			}
		}
		return true;
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

	/** What stands between the slashes, without user and password. */
	private static String servers(@Nullable String url) {
		return (url != null) ? url.strip().replaceFirst("^[^/]*//([^/]*@)?([^/]*).*", "$2") : "";
	}

	private static boolean isFileUrl(@Nullable String url) {
		return url != null && url.strip().toLowerCase(Locale.ROOT).startsWith("file:");
	}

	private static boolean isSet(ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			if (source.getConfigurationProperty(name) != null
					|| source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String value(ConfigurationPropertyName name,
			Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			ConfigurationProperty property = source.getConfigurationProperty(name);
			if (property != null) {
				return String.valueOf(property.getValue());
			}
		}
		return null;
	}

}
