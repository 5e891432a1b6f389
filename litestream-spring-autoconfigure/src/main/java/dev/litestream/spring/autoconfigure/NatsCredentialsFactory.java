package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.Secret;
import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/**
 * Turns the properties of one NATS replica into the one method by which it identifies
 * itself. Two methods are refused, as one of them would be ignored.
 */
final class NatsCredentialsFactory {

	private static final String KEEP_ONE = "Keep one method: username and password, token, nkey and seed,"
			+ " jwt and seed, or creds.";

	private final PropertyKey key;

	private final ReplicaProperties properties;

	NatsCredentialsFactory(PropertyKey key, ReplicaProperties properties) {
		this.key = key;
		this.properties = properties;
	}

	/**
	 * The credentials, checked as far as possible without a server. {@code ofUrl} are
	 * those in the URL or in {@code NATS_URL}.
	 */
	NatsCredentials create(NatsCredentials ofUrl) {
		String method = method();
		if (method == null) {
			return ofUrl;
		}
		if (ofUrl != NatsCredentials.NONE) {
			throw method.equals("username")
					? this.key.child(method)
						.invalid("or the password is set although the URL holds them too", "Remove them from the URL.")
					: this.key.child(method)
						.invalid("is set although the URL holds credentials too", "Remove them from the URL.");
		}
		PropertyKey methodKey = this.key.child(method);
		try {
			NatsCredentials credentials = credentials(method);
			credentials.check();
			return credentials;
		}
		catch (IllegalArgumentException | ReplicaRefusedException ex) {
			// the message of the NATS module holds no secret and says what to write
			throw methodKey.unusable(ex.getMessage());
		}
	}

	/** The key that stands for the method, or {@code null} if none is set. */
	private @Nullable String method() {
		Map<String, @Nullable String> methods = new LinkedHashMap<>();
		methods.put("username",
				any(this.properties.getUsername(), this.properties.getPassword(), this.properties.getPasswordFile()));
		methods.put("token", any(this.properties.getToken(), this.properties.getTokenFile()));
		methods.put("creds", any(this.properties.getCreds()));
		methods.put("jwt", any(this.properties.getJwt()));
		methods.put("nkey", any(this.properties.getNkey()));
		methods.values().removeIf((value) -> value == null);
		String[] set = methods.keySet().toArray(String[]::new);
		if (set.length > 1) {
			throw this.key.child(set[1]).invalid("is set beside " + this.key.child(set[0]).name(), KEEP_ONE);
		}
		String seed = any(this.properties.getSeed(), this.properties.getSeedFile());
		boolean needsSeed = set.length == 1 && (set[0].equals("jwt") || set[0].equals("nkey"));
		if (seed != null && !needsSeed) {
			throw this.key.child("seed").invalid("is set without jwt or nkey", "Set the one that the seed belongs to.");
		}
		if (needsSeed && seed == null) {
			throw this.key.child("seed")
				.invalid("is missing",
						"Set the seed or seed-file that belongs to " + set[0] + ": it proves who we are.");
		}
		return (set.length == 0) ? null : set[0];
	}

	private NatsCredentials credentials(String method) {
		return switch (method) {
			case "username" -> new NatsCredentials.UserPassword(username(),
					secret("password", this.properties.getPassword(), this.properties.getPasswordFile()));
			case "token" ->
				new NatsCredentials.Token(secret("token", this.properties.getToken(), this.properties.getTokenFile()));
			case "creds" -> new NatsCredentials.CredentialsFile(path("creds", text(this.properties.getCreds())));
			case "jwt" -> new NatsCredentials.Jwt(Secret.of(text(this.properties.getJwt())), seed());
			default -> new NatsCredentials.NKey(text(this.properties.getNkey()), seed());
		};
	}

	private String username() {
		String username = this.properties.getUsername();
		if (!StringUtils.hasLength(username)) {
			throw this.key.child("username").invalid("is missing", "Set both username and password, or neither.");
		}
		return username;
	}

	private Secret seed() {
		return secret("seed", this.properties.getSeed(), this.properties.getSeedFile());
	}

	private Secret secret(String name, @Nullable String value, @Nullable String file) {
		String fileKey = name + "-file";
		if (StringUtils.hasLength(value) && StringUtils.hasLength(file)) {
			throw this.key.child(fileKey)
				.invalid("is set beside " + this.key.child(name).name(), "Keep one of the two.");
		}
		if (StringUtils.hasLength(file)) {
			return Secret.inFile(path(fileKey, file));
		}
		if (!StringUtils.hasLength(value)) {
			throw this.key.child(name)
				.invalid("is missing", name.equals("password") ? "Set both username and password, or neither."
						: "Set it, or " + fileKey + ".");
		}
		return Secret.of(value);
	}

	private Path path(String name, String value) {
		return ConfiguredFile.of(this.key.child(name), value);
	}

	private static String text(@Nullable String value) {
		return (value != null) ? value.strip() : "";
	}

	private static @Nullable String any(@Nullable String... values) {
		for (String value : values) {
			if (StringUtils.hasLength(value)) {
				return value;
			}
		}
		return null;
	}

}
