package dev.litestream.nats.connection;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

import dev.litestream.replica.ReplicaRefusedException;
import io.nats.client.support.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * A user's NKey: an Ed25519 key whose seed and public key are written in base32 without
 * padding, between a prefix that tells their kind and a CRC-16 (XMODEM, low byte first).
 * The seed of a user begins with {@code SU} and has 58 characters, the public key begins
 * with {@code U} and has 56. Signs by the JDK alone: the library's {@code NKey} needs
 * Bouncy Castle, which this module leaves out.
 */
final class UserKey {

	private static final int KEY_LENGTH = 32;

	private static final int SEED_PREFIX = 18 << 3;

	private static final int USER_PREFIX = 20 << 3;

	private final PrivateKey privateKey;

	private final String publicKey;

	private UserKey(PrivateKey privateKey, String publicKey) {
		this.privateKey = privateKey;
		this.publicKey = publicKey;
	}

	/**
	 * Reads a seed as {@code nk} or {@code nsc} write it. If it is not that of a user,
	 * the message does not show it.
	 */
	static UserKey ofSeed(String seed) throws ReplicaRefusedException {
		byte[] bytes = decode(seed);
		if (bytes == null || bytes.length != KEY_LENGTH + 2 || (bytes[0] & 0xF8) != SEED_PREFIX) {
			throw new ReplicaRefusedException("The seed is damaged or none: it has 58 characters that begin with SU");
		}
		int kind = ((bytes[0] & 7) << 5) | ((bytes[1] & 0xF8) >> 3);
		if (kind != USER_PREFIX) {
			throw new ReplicaRefusedException("The seed is not a user's but that of an account, operator or server:"
					+ " use the user's, which begins with SU");
		}
		return ofRaw(Arrays.copyOfRange(bytes, 2, bytes.length));
	}

	static UserKey ofRaw(byte[] raw) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
			generator.initialize(NamedParameterSpec.ED25519, new Fixed(raw));
			KeyPair pair = generator.generateKeyPair();
			byte[] used = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElse(new byte[0]);
			if (!Arrays.equals(raw, used)) {
				throw new IllegalStateException("The security provider " + generator.getProvider()
						+ " cannot make an Ed25519 key from a seed: use the JDK's");
			}
			byte[] encoded = pair.getPublic().getEncoded();
			byte[] point = Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length);
			return new UserKey(pair.getPrivate(), encode(new byte[] { (byte) USER_PREFIX }, point));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This JDK has no Ed25519", ex);
		}
	}

	/** The public key: 56 characters that begin with U. */
	String publicKey() {
		return this.publicKey;
	}

	byte[] sign(byte[] message) {
		try {
			Signature signature = Signature.getInstance("Ed25519");
			signature.initSign(this.privateKey);
			signature.update(message);
			return signature.sign();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("This JDK cannot sign with Ed25519", ex);
		}
	}

	/** Whether a text is the public key of a user. */
	static boolean isPublicKey(String text) {
		byte[] bytes = decode(text);
		return bytes != null && bytes.length == KEY_LENGTH + 1 && (bytes[0] & 0xFF) == USER_PREFIX;
	}

	/** Writes a key with its prefix and check sum. */
	static String encode(byte[] prefix, byte[] key) {
		byte[] bytes = Arrays.copyOf(prefix, prefix.length + key.length + 2);
		System.arraycopy(key, 0, bytes, prefix.length, key.length);
		int crc = crc16(bytes, bytes.length - 2);
		bytes[bytes.length - 2] = (byte) crc;
		bytes[bytes.length - 1] = (byte) (crc >> 8);
		return new String(Encoding.base32Encode(bytes));
	}

	/** The bytes without the check sum, or {@code null} if it is wrong. */
	private static byte @Nullable [] decode(String text) {
		byte[] bytes = Encoding.base32Decode(text.toCharArray());
		// the library skips characters that are none of base32
		if (!text.equals(new String(Encoding.base32Encode(bytes)))) {
			return null;
		}
		int length = bytes.length;
		if (length < 3) {
			return null;
		}
		int crc = (bytes[length - 2] & 0xFF) | ((bytes[length - 1] & 0xFF) << 8);
		return (crc16(bytes, length - 2) == crc) ? Arrays.copyOf(bytes, length - 2) : null;
	}

	private static int crc16(byte[] bytes, int length) {
		int crc = 0;
		for (int i = 0; i < length; i++) {
			crc ^= (bytes[i] & 0xFF) << 8;
			for (int bit = 0; bit < 8; bit++) {
				crc = ((crc & 0x8000) != 0) ? (crc << 1) ^ 0x1021 : crc << 1;
			}
			crc &= 0xFFFF;
		}
		return crc;
	}

	/** The public key alone. */
	@Override
	public String toString() {
		return this.publicKey;
	}

	/**
	 * Hands the seed to the JDK's key generator, which has no other way from a seed to
	 * its public key.
	 */
	private static final class Fixed extends SecureRandom {

		private static final long serialVersionUID = 1L;

		private final transient byte[] bytes;

		Fixed(byte[] bytes) {
			this.bytes = bytes;
		}

		@Override
		public void nextBytes(byte[] target) {
			System.arraycopy(this.bytes, 0, target, 0, target.length);
		}

	}

}
