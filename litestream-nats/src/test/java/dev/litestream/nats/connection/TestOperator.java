package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * An operator with one account, as {@code nsc} would set it up: configures a server that
 * knows its users by their JWTs. Signs by itself, so that the product's own code is held
 * against the server's.
 */
final class TestOperator {

	private static final String ACCOUNT_LIMITS = """
			{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1,\
			"mem_storage":-1,"disk_storage":-1,"streams":-1,"consumer":-1}""";

	private final Key operator = new Key(14 << 3);

	private final Key system = new Key(0);

	private final Key account = new Key(0);

	String config() {
		return config("");
	}

	/** The configuration in which a user's JWT is no longer good. */
	String configRevoking(Key user) {
		return config(",\"revocations\":{\"" + user.publicKey + "\":" + Instant.now().getEpochSecond() + "}");
	}

	private String config(String revocations) {
		return String.format(Locale.ROOT, """
				operator: %s
				system_account: %s
				resolver: MEMORY
				resolver_preload: {
				  %s: %s
				  %s: %s
				}
				""", jwt(this.operator, this.operator, null, "{\"type\":\"operator\",\"version\":2}"),
				this.system.publicKey, this.system.publicKey, account(this.system, ""), this.account.publicKey,
				account(this.account, revocations));
	}

	private String account(Key key, String revocations) {
		String limits = (key == this.system) ? ACCOUNT_LIMITS.replace("_storage\":-1", "_storage\":0") : ACCOUNT_LIMITS;
		return jwt(key, this.operator, null,
				"{\"limits\":" + limits + revocations + ",\"type\":\"account\",\"version\":2}");
	}

	/** Issues a user's JWT. */
	String user(Key user, @Nullable Instant expires) {
		return jwt(user, this.account, expires,
				"{\"pub\":{},\"sub\":{},\"subs\":-1,\"data\":-1,\"payload\":-1,\"type\":\"user\",\"version\":2}");
	}

	static Key userKey() {
		return new Key(20 << 3);
	}

	/** Writes a credentials file as {@code nsc} does. */
	static void writeCredentials(Path file, String jwt, String seed) throws IOException {
		Files.writeString(file, String.format(Locale.ROOT, """
				-----BEGIN NATS USER JWT-----
				%s
				------END NATS USER JWT------

				************************* IMPORTANT *************************
				NKEY Seed printed below can be used to sign and prove identity.
				NKEYs are sensitive and should be treated as secrets.

				-----BEGIN USER NKEY SEED-----
				%s
				------END USER NKEY SEED------

				*************************************************************
				""", jwt, seed));
	}

	private static String jwt(Key subject, Key issuer, @Nullable Instant expires, String nats) {
		String claims = String.format(Locale.ROOT,
				"{\"jti\":\"T\",\"iat\":%d,\"iss\":\"%s\",\"name\":\"test\",\"sub\":\"%s\"%s,\"nats\":%s}",
				Instant.now().getEpochSecond(), issuer.publicKey, subject.publicKey,
				(expires != null) ? ",\"exp\":" + expires.getEpochSecond() : "", nats);
		String signed = base64("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64(claims.getBytes(StandardCharsets.UTF_8));
		return signed + "." + base64(issuer.sign(signed.getBytes(StandardCharsets.UTF_8)));
	}

	private static String base64(byte[] bytes) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	/**
	 * A key of an operator, account or user.
	 */
	static final class Key {

		final String publicKey;

		final String seed;

		private final KeyPair pair;

		Key(int prefix) {
			try {
				this.pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
			byte[] encoded = this.pair.getPublic().getEncoded();
			this.publicKey = UserKey.encode(new byte[] { (byte) prefix },
					Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
			this.seed = UserKey.encode(new byte[] { (byte) ((18 << 3) | (prefix >> 5)), (byte) ((prefix & 31) << 3) },
					((EdECPrivateKey) this.pair.getPrivate()).getBytes().orElseThrow());
		}

		byte[] sign(byte[] message) {
			try {
				Signature signature = Signature.getInstance("Ed25519");
				signature.initSign(this.pair.getPrivate());
				signature.update(message);
				return signature.sign();
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
