package dev.litestream.spring.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spring.autoconfigure.ReplicaProperties.Type;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Turns the properties of one replica into its client. Messages never repeat the URL,
 * which may hold a password.
 */
final class ReplicaClientFactory {

	private static final String URL_CURE = "Write a URL such as nats://localhost:4222/bucket"
			+ " or file:///var/backups/app.";

	/** What Litestream knows by itself. */
	private static final Set<String> SCHEMES = Set.of("nats", "tls", "ws", "wss", "file");

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final ReplicaEnvironment environment;

	private final @Nullable String below;

	private ReplicaClientFactory(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment,
			@Nullable String below) {
		this.key = key;
		this.properties = properties;
		this.environment = environment;
		this.below = below;
	}

	/**
	 * Creates a client. Does not connect.
	 * @param key the key of the replica
	 * @param properties its properties
	 * @param environment what it takes from the application
	 * @return the client
	 */
	static ReplicaClient create(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment) {
		return new ReplicaClientFactory(key, properties, environment, null).create();
	}

	/**
	 * Creates a client for one of several databases that have the same properties. Does
	 * not connect.
	 * @param key the key of the replicas
	 * @param properties their properties
	 * @param environment what they take from the application
	 * @param below what is added to their path for this one, without a slash before it
	 * @return the client
	 */
	static ReplicaClient create(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment,
			String below) {
		return new ReplicaClientFactory(key, properties, environment, below).create();
	}

	private ReplicaClient create() {
		ReplicaClient provided = provided();
		if (provided != null) {
			return provided;
		}
		return switch (type()) {
			case FILE -> new FileReplicaClient((this.below != null) ? directory().resolve(this.below) : directory());
			case NATS -> new NatsReplicaClientFactory(this.key, this.properties, this.environment, this.below).create();
		};
	}

	/** A replica in a store of the application's own. */
	private @Nullable ReplicaClient provided() {
		String url = this.properties.getUrl();
		String scheme = StringUtils.hasText(url) ? scheme(url) : "";
		if (url == null || scheme.isEmpty() || SCHEMES.contains(scheme)) {
			return null;
		}
		ReplicaClientProvider provider = this.environment.beans().provider(scheme);
		if (provider == null) {
			return null;
		}
		if (this.properties.getType() != null) {
			throw this.key.child("type")
				.invalid("has no meaning for " + scheme + ":, which a bean provides", "Remove it.");
		}
		this.properties.ofNatsAlone()
			.forEach((name, value) -> this.key.child(name)
				.requireUnset(value, "has no meaning for " + scheme + ":, which a bean provides", "Remove it."));
		try {
			return provider.create(new ReplicaClientProvider.Location(url, providedPath()));
		}
		catch (IllegalArgumentException ex) {
			throw this.key.child("url")
				.invalid("cannot be used", StringUtils.capitalize(String.valueOf(ex.getMessage())) + ".");
		}
	}

	private @Nullable String providedPath() {
		String path = this.properties.getPath();
		if (!StringUtils.hasText(path)) {
			return this.below;
		}
		return (this.below != null) ? path + "/" + this.below : path;
	}

	private static String scheme(String url) {
		int colon = url.indexOf(':');
		return (colon > 0) ? url.substring(0, colon).toLowerCase(Locale.ROOT) : "";
	}

	private Type type() {
		Type configured = this.properties.getType();
		Type ofUrl = typeOfUrl(this.properties.getUrl());
		if (configured != null && ofUrl != null && configured != ofUrl) {
			throw this.key.child("type")
				.invalid("contradicts the scheme of " + this.key.child("url").name(), "Remove the type.");
		}
		if (configured != null) {
			return configured;
		}
		if (ofUrl != null) {
			return ofUrl;
		}
		if (StringUtils.hasText(this.properties.getBucket().getName())) {
			return Type.NATS;
		}
		if (StringUtils.hasText(this.properties.getPath())) {
			return Type.FILE;
		}
		throw this.key.child("url").invalid("is missing", URL_CURE);
	}

	private @Nullable Type typeOfUrl(@Nullable String url) {
		if (!StringUtils.hasText(url)) {
			return null;
		}
		PropertyKey key = this.key.child("url");
		return switch (scheme(url)) {
			case "nats", "tls", "ws", "wss" -> Type.NATS;
			case "file" -> Type.FILE;
			default -> throw key.invalid("does not start with nats:, tls:, ws:, wss: or file:", cure(url));
		};
	}

	private static String cure(String url) {
		String meant = NatsReplicaUrl.corrected(url, null);
		return (meant != null) ? "Perhaps " + meant + " is meant." : URL_CURE;
	}

	private Path directory() {
		this.properties.ofNatsAlone()
			.forEach((name, value) -> this.key.child(name)
				.requireUnset(value, "has no meaning for a file replica", "Remove it."));
		if (this.properties.getRequireDurability() != null) {
			throw this.key.child("require-durability")
				.invalid("is set for a file replica, whose durability is not known", "Remove it.");
		}
		String url = this.properties.getUrl();
		PropertyKey pathKey = this.key.child("path");
		if (!StringUtils.hasText(url)) {
			return toPath(pathKey, pathKey.requireText(this.properties.getPath(), "Write a directory."));
		}
		pathKey.requireUnset(this.properties.getPath(), "is set beside the URL of a file replica",
				"Keep one of the two.");
		PropertyKey urlKey = this.key.child("url");
		try {
			URI uri = new URI(url);
			if (StringUtils.hasLength(uri.getRawAuthority()) || uri.getPath() == null || uri.getPath().length() < 2) {
				throw urlKey.invalid("does not name a directory of this machine",
						"Write three slashes: file:///var/backups/app.");
			}
			return toPath(urlKey, uri.getPath());
		}
		catch (URISyntaxException ex) {
			throw urlKey.invalid("is not a URL (" + ex.getReason() + ")",
					"Write file:///var/backups/app, spaces as %20, or use litestream.replica.path.");
		}
	}

	private Path toPath(PropertyKey key, String value) {
		try {
			return Path.of(value).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw key.invalid("is not a path (" + ex.getReason() + ")", "Write a directory.");
		}
	}

}
