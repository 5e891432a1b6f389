package dev.litestream.nats.connection;

import java.nio.file.Path;

import dev.litestream.replica.ReplicaRefusedException;

/**
 * Who we are to the NATS server: exactly one of these. Immutable; no text form shows a
 * secret.
 */
public sealed interface NatsCredentials {

	/**
	 * No credentials: the server asks for none, or takes those of the TLS certificate.
	 */
	NatsCredentials NONE = new None();

	/**
	 * Checks what can be checked without a server, files included.
	 * @throws ReplicaRefusedException if the credentials cannot be used; the message says
	 * why and shows no secret
	 */
	void check() throws ReplicaRefusedException;

	/**
	 * What to do if a server refuses these.
	 * @return a clause that follows "The NATS server at ..."
	 */
	String refusal();

	/**
	 * No credentials.
	 */
	record None() implements NatsCredentials {

		@Override
		public void check() {
			// nothing to check
		}

		@Override
		public String refusal() {
			return "asks for credentials and there are none: set litestream.replica.username and litestream.replica.password,"
					+ " or litestream.replica.token, litestream.replica.creds, litestream.replica.jwt or litestream.replica.nkey";
		}

	}

	/**
	 * A user with a password.
	 *
	 * @param username the user's name
	 * @param password the password
	 */
	record UserPassword(String username, Secret password) implements NatsCredentials {

		@Override
		public void check() throws ReplicaRefusedException {
			this.password.read();
		}

		@Override
		public String refusal() {
			return "refuses the user or password: check litestream.replica.username and litestream.replica.password";
		}

		@Override
		public String toString() {
			return "user and password";
		}

	}

	/**
	 * A token.
	 *
	 * @param token the token
	 */
	record Token(Secret token) implements NatsCredentials {

		@Override
		public void check() throws ReplicaRefusedException {
			this.token.read();
		}

		@Override
		public String refusal() {
			return "refuses the token: check litestream.replica.token";
		}

		@Override
		public String toString() {
			return "token";
		}

	}

	/**
	 * A JWT, and the seed that proves that it is ours.
	 *
	 * @param jwt the user's JWT
	 * @param seed the user's seed
	 */
	record Jwt(Secret jwt, Secret seed) implements NatsCredentials {

		UserJwt read() throws ReplicaRefusedException {
			return UserJwt.of(this.jwt.read(), this.seed.read(),
					"The setting litestream.replica.jwt or litestream.replica.seed");
		}

		@Override
		public void check() throws ReplicaRefusedException {
			read();
		}

		@Override
		public String refusal() {
			return UserJwt.refusal(this::read, "", "have a new one issued for litestream.replica.jwt");
		}

		@Override
		public String toString() {
			return "JWT and seed";
		}

	}

	/**
	 * A file with a JWT and a seed, as {@code nsc} writes it. Read again for each
	 * connection.
	 *
	 * @param file the file
	 */
	record CredentialsFile(Path file) implements NatsCredentials {

		UserJwt read() throws ReplicaRefusedException {
			return UserJwt.ofFile(this.file);
		}

		@Override
		public void check() throws ReplicaRefusedException {
			read();
		}

		@Override
		public String refusal() {
			return UserJwt.refusal(this::read, " in the credentials file " + this.file, "have a new file issued");
		}

	}

	/**
	 * An NKey.
	 *
	 * @param publicKey the user's public key as the server knows it
	 * @param seed the seed of that key
	 */
	record NKey(String publicKey, Secret seed) implements NatsCredentials {

		public NKey {
			if (!UserKey.isPublicKey(publicKey)) {
				throw new IllegalArgumentException(publicKey.startsWith("S")
						? "litestream.replica.nkey holds a seed; move it to litestream.replica.seed and write the public key, which begins with U"
						: "litestream.replica.nkey is not a user's public key; it has 56 characters that begin with U");
			}
		}

		UserKey read() throws ReplicaRefusedException {
			UserKey key;
			try {
				key = UserKey.ofSeed(this.seed.read());
			}
			catch (ReplicaRefusedException ex) {
				throw new ReplicaRefusedException(
						"The setting litestream.replica.seed cannot be used. " + ex.getMessage());
			}
			if (!key.publicKey().equals(this.publicKey)) {
				throw new ReplicaRefusedException(
						"The seed in litestream.replica.seed does not belong to litestream.replica.nkey: it is that"
								+ " of " + key.publicKey());
			}
			return key;
		}

		@Override
		public void check() throws ReplicaRefusedException {
			read();
		}

		@Override
		public String refusal() {
			return "does not know the NKey " + this.publicKey + ": add it to the users of the server, or correct"
					+ " litestream.replica.nkey and litestream.replica.seed";
		}

		@Override
		public String toString() {
			return "NKey " + this.publicKey;
		}

	}

}
