package dev.litestream.spring.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

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

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final @Nullable String below;

	private ReplicaClientFactory(PropertyKey key, ReplicaProperties properties, @Nullable String below) {
		this.key = key;
		this.properties = properties;
		this.below = below;
	}

	/**
	 * Creates a client. Does not connect.
	 * @param key the key of the replica
	 * @param properties its properties
	 * @return the client
	 */
	static ReplicaClient create(PropertyKey key, ReplicaProperties properties) {
		return new ReplicaClientFactory(key, properties, null).create();
	}

	/**
	 * Creates a client for one of several databases that have the same properties. Does
	 * not connect.
	 * @param key the key of the replicas
	 * @param properties their properties
	 * @param below what is added to their path for this one, without a slash before it
	 * @return the client
	 */
	static ReplicaClient create(PropertyKey key, ReplicaProperties properties, String below) {
		return new ReplicaClientFactory(key, properties, below).create();
	}

	private ReplicaClient create() {
		return switch (type()) {
			case FILE -> new FileReplicaClient((this.below != null) ? directory().resolve(this.below) : directory());
			case NATS -> new NatsReplicaClientFactory(this.key, this.properties, this.below).create();
		};
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
		if (StringUtils.hasText(this.properties.getPath()) && this.properties.getBucket().getName() == null) {
			return Type.FILE;
		}
		throw this.key.child("url").invalid("is missing", URL_CURE);
	}

	private @Nullable Type typeOfUrl(@Nullable String url) {
		if (!StringUtils.hasText(url)) {
			return null;
		}
		PropertyKey key = this.key.child("url");
		int colon = url.indexOf(':');
		String scheme = (colon > 0) ? url.substring(0, colon).toLowerCase(Locale.ROOT) : "";
		return switch (scheme) {
			case "nats" -> Type.NATS;
			case "file" -> Type.FILE;
			default -> throw key.invalid("does not start with nats: or file:", URL_CURE);
		};
	}

	private Path directory() {
		this.key.child("username")
			.requireUnset(this.properties.getUsername(), "has no meaning for a file replica", "Remove it.");
		this.key.child("password")
			.requireUnset(this.properties.getPassword(), "has no meaning for a file replica", "Remove it.");
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
					"Write file:///var/backups/app, spaces as %20, or use replica.path.");
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
