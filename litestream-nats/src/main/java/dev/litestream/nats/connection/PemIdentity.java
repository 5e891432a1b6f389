package dev.litestream.nats.connection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * Our certificate and its private key from PEM files: RSA, EC or Ed25519, in PKCS#8, or
 * in the older forms PKCS#1 ({@code RSA PRIVATE KEY}) and SEC 1 ({@code EC PRIVATE KEY}).
 * Those lack what PKCS#8 says about the kind of the key; the certificate says it.
 */
final class PemIdentity {

	private static final char[] NO_PASSWORD = new char[0];

	private static final byte[] PROBE = { 1, 2, 3, 4 };

	private PemIdentity() {
	}

	/**
	 * Reads a certificate with its chain, and its key.
	 */
	static KeyManager[] read(Path certFile, Path keyFile) throws ReplicaRefusedException {
		List<X509Certificate> chain = PemFile.read(certFile).certificates();
		PublicKey publicKey = chain.get(0).getPublicKey();
		PrivateKey key = privateKey(keyFile, publicKey, certFile);
		try {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(null, null);
			store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
			KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			factory.init(store, NO_PASSWORD);
			return factory.getKeyManagers();
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new ReplicaRefusedException(
					"The client certificate " + certFile + " and its key cannot be used by this JDK", ex);
		}
	}

	private static PrivateKey privateKey(Path file, PublicKey publicKey, Path certFile) throws ReplicaRefusedException {
		for (PemFile.Block block : PemFile.read(file).blocks()) {
			byte[] pkcs8 = switch (block.type()) {
				case "PRIVATE KEY" -> block.content();
				case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> pkcs8(publicKey, block.content());
				default -> null;
			};
			if (pkcs8 != null) {
				PrivateKey key = read(pkcs8, publicKey);
				if (key == null) {
					throw new ReplicaRefusedException("The key in litestream.replica.client-key (" + file
							+ ") does not belong to the certificate in litestream.replica.client-cert (" + certFile
							+ "): name the key that it was issued for");
				}
				return key;
			}
		}
		throw new ReplicaRefusedException("The file " + file
				+ " holds no private key: it has to be in PEM format, with a line -----BEGIN PRIVATE KEY-----");
	}

	/** The key, or {@code null} if it is not that of the certificate. */
	private static @Nullable PrivateKey read(byte[] pkcs8, PublicKey publicKey) {
		try {
			PrivateKey key = KeyFactory.getInstance(publicKey.getAlgorithm())
				.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
			Signature signature = Signature.getInstance(switch (publicKey.getAlgorithm()) {
				case "RSA" -> "SHA256withRSA";
				case "EC" -> "SHA256withECDSA";
				default -> publicKey.getAlgorithm();
			});
			signature.initSign(key);
			signature.update(PROBE);
			byte[] signed = signature.sign();
			signature.initVerify(publicKey);
			signature.update(PROBE);
			return signature.verify(signed) ? key : null;
		}
		catch (GeneralSecurityException ex) {
			// a key of another kind
			return null;
		}
	}

	/**
	 * PKCS#8 around an older form: SEQUENCE { INTEGER 0, the certificate's algorithm,
	 * OCTET STRING { key } }.
	 */
	private static byte[] pkcs8(PublicKey publicKey, byte[] key) {
		byte[] info = publicKey.getEncoded();
		int algorithm = 2 + lengthOctets(info, 1) - 1;
		int end = algorithm + 2 + (lengthOctets(info, algorithm + 1) - 1) + length(info, algorithm + 1);
		ByteArrayOutputStream content = new ByteArrayOutputStream();
		content.writeBytes(new byte[] { 2, 1, 0 });
		content.write(info, algorithm, end - algorithm);
		content.writeBytes(der(4, key));
		return der(0x30, content.toByteArray());
	}

	private static byte[] der(int tag, byte[] content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(tag);
		if (content.length < 128) {
			out.write(content.length);
		}
		else if (content.length < 256) {
			out.write(0x81);
			out.write(content.length);
		}
		else {
			out.write(0x82);
			out.write(content.length >> 8);
			out.write(content.length);
		}
		out.writeBytes(content);
		return out.toByteArray();
	}

	private static int lengthOctets(byte[] der, int at) {
		return (der[at] >= 0) ? 1 : 1 + (der[at] & 0x7F);
	}

	private static int length(byte[] der, int at) {
		if (der[at] >= 0) {
			return der[at];
		}
		int length = 0;
		for (int i = 1; i < lengthOctets(der, at); i++) {
			length = (length << 8) | (der[at + i] & 0xFF);
		}
		return length;
	}

}
