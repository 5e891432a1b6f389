package dev.litestream.spring.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spring.autoconfigure.ReplicaProperties.Type;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * The one replica of a database, however it is written: {@code replica}, or {@code
 * replicas} with a single entry, as older files of Litestream have it. Turns its
 * properties into a client. Messages never repeat the URL, which may contain a password.
 */
record ConfiguredReplica(PropertyKey key, ReplicaProperties properties) {

	private static final String URL_CURE = "Write a URL such as nats://localhost:4222/bucket"
			+ " or file:///var/backups/app.";

	/** The schemes that need no bean. */
	private static final Set<String> SCHEMES = Set.of("nats", "tls", "ws", "wss", "file");

	/** Finds the replica of the database with this key. */
	static ConfiguredReplica of(PropertyKey key, DatabaseSettings settings) {
		List<ReplicaProperties> replicas = (settings instanceof DatabaseProperties database) ? database.getReplicas()
				: List.of();
		if (replicas.size() > 1) {
			throw key.child("replicas")
				.invalid("has more than one entry",
						"Keep one: a database has one replica, in a bucket whose copies NATS keeps by itself"
								+ " (litestream.replica.bucket.replicas).");
		}
		return replicas.isEmpty() ? new ConfiguredReplica(key.child("replica"), settings.getReplica())
				: new ConfiguredReplica(key.child("replicas[0]"), replicas.get(0));
	}

	/**
	 * Creates the client, not connected. {@code below} is added to the path for one of
	 * several databases, without a leading slash.
	 */
	ReplicaClient client(ReplicaEnvironment environment, @Nullable String below) {
		ReplicaClient provided = provided(environment, below);
		if (provided != null) {
			return provided;
		}
		return switch (type()) {
			case FILE -> new FileReplicaClient((below != null) ? directory().resolve(below) : directory());
			case NATS -> new ConfiguredNatsReplica(this.key, this.properties, environment, below).create();
		};
	}

	/** A replica in a store of the application's own. */
	private @Nullable ReplicaClient provided(ReplicaEnvironment environment, @Nullable String below) {
		String url = this.properties.getUrl();
		String scheme = StringUtils.hasText(url) ? scheme(url) : "";
		if (url == null || scheme.isEmpty() || SCHEMES.contains(scheme)) {
			return null;
		}
		ReplicaClientProvider provider = environment.beans().provider(scheme);
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
			return provider.create(new ReplicaClientProvider.Location(url, providedPath(below)));
		}
		catch (IllegalArgumentException ex) {
			throw this.key.child("url").unusable(ex.getMessage());
		}
	}

	private @Nullable String providedPath(@Nullable String below) {
		String path = this.properties.getPath();
		if (!StringUtils.hasText(path)) {
			return below;
		}
		return (below != null) ? path + "/" + below : path;
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
