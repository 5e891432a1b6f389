package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.replica.ReplicaRefusedException;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A user's JWT with the key it belongs to, and what can be said about them without a
 * server.
 *
 * @param jwt the JWT
 * @param key the user's key
 * @param expires when the JWT expires, or {@code null} if never
 */
record UserJwt(String jwt, UserKey key, @Nullable Instant expires) {

	private static final Pattern JWT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

	private static final Pattern BLOCK = Pattern.compile("-{3,}\\s*BEGIN [^\\n]*-{3,}\\s+([^\\s]+)\\s+-{3,}\\s*END ");

	/**
	 * Reads a JWT and its seed. If they cannot be used, the message shows neither.
	 */
	static UserJwt of(String jwt, String seed, String source) throws ReplicaRefusedException {
		UserKey key;
		try {
			key = UserKey.ofSeed(seed);
		}
		catch (ReplicaRefusedException ex) {
			throw new ReplicaRefusedException(source + " cannot be used. " + ex.getMessage());
		}
		JsonValue claims = claims(jwt, source);
		String subject = Json.text(claims, "sub");
		if (!key.publicKey().equals(subject)) {
			throw new ReplicaRefusedException(
					source + " cannot be used. The seed does not belong to the JWT: take both from the same user");
		}
		long expires = Json.number(claims, "exp");
		boolean ends = expires > 0 && expires <= Instant.MAX.getEpochSecond();
		return new UserJwt(jwt, key, ends ? Instant.ofEpochSecond(expires) : null);
	}

	/**
	 * Reads a credentials file, as {@code nsc} writes it: the JWT and the seed, each
	 * between a BEGIN and an END line.
	 */
	static UserJwt ofFile(Path file) throws ReplicaRefusedException {
		Matcher blocks = BLOCK.matcher(Secret.readFile(file));
		String jwt = blocks.find() ? blocks.group(1) : null;
		String seed = blocks.find() ? blocks.group(1) : null;
		if (jwt == null || seed == null) {
			throw new ReplicaRefusedException("The credentials file " + file
					+ " cannot be used: it should hold a user's JWT and seed, as `nsc generate creds` writes them");
		}
		return of(jwt, seed, "The credentials file " + file);
	}

	private static JsonValue claims(String jwt, String source) throws ReplicaRefusedException {
		if (JWT.matcher(jwt).matches()) {
			try {
				return Json.parse(Base64.getUrlDecoder().decode(jwt.split("\\.")[1]));
			}
			catch (IllegalArgumentException | IOException ex) {
				// refused below, without the cause, which may show it
			}
		}
		throw new ReplicaRefusedException(
				source + " cannot be used. The JWT is damaged or none: it has three parts with dots in between");
	}

	@Override
	public String toString() {
		return "JWT of " + this.key;
	}

	/**
	 * What to do if a server refuses a JWT: a clause that follows "The NATS server at
	 * ...". {@code place} is empty or as in " in the credentials file x".
	 */
	static String refusal(Source source, String place, String cure) {
		Instant expired = null;
		try {
			Instant expires = source.read().expires();
			expired = (expires != null && expires.isBefore(Instant.now())) ? expires : null;
		}
		catch (ReplicaRefusedException ex) {
			// the server has seen one that could be read
		}
		return "refuses the JWT" + place + ((expired != null) ? ", which expired on " + expired : "") + ": " + cure
				+ ", or make the server know the account that issued it";
	}

	/** Reads a JWT. */
	@FunctionalInterface
	interface Source {

		UserJwt read() throws ReplicaRefusedException;

	}

}
