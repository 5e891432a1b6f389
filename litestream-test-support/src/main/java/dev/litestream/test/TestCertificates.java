package dev.litestream.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A certificate authority for tests: writes its own certificate, and those that it
 * issues, as PEM files into a folder. Made anew for each test, never stored.
 */
public final class TestCertificates {

	private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";

	private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT);

	private final Path folder;

	private final String name;

	private final KeyPair keys = generate("EC");

	private TestCertificates(Path folder, String name) {
		this.folder = folder;
		this.name = name;
	}

	/**
	 * Makes an authority.
	 * @param folder where the files go
	 * @param name its name, also that of its file
	 * @return the authority
	 */
	public static TestCertificates authority(Path folder, String name) {
		TestCertificates authority = new TestCertificates(folder, name);
		Instant now = Instant.now();
		authority.write(name + ".pem", "CERTIFICATE", authority.certificate(name, authority.keys, List.of(), true,
				now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(30))));
		return authority;
	}

	/**
	 * The authority's own certificate.
	 * @return the file
	 */
	public Path certificate() {
		return this.folder.resolve(this.name + ".pem");
	}

	/**
	 * Issues a certificate with an EC key.
	 * @param name the subject's common name, also that of the files
	 * @param hosts host names and IP addresses that it is for
	 * @return the files
	 */
	public Issued issue(String name, String... hosts) {
		Instant now = Instant.now();
		return issue(name, "EC", now.minus(Duration.ofHours(1)), now.plus(Duration.ofDays(1)), hosts);
	}

	/**
	 * Issues a certificate.
	 * @param name the subject's common name, also that of the files
	 * @param algorithm {@code EC}, {@code RSA} or {@code Ed25519}
	 * @param from when it becomes valid
	 * @param until when it expires
	 * @param hosts host names and IP addresses that it is for
	 * @return the files
	 */
	public Issued issue(String name, String algorithm, Instant from, Instant until, String... hosts) {
		KeyPair pair = generate(algorithm);
		Path cert = write(name + ".pem", "CERTIFICATE",
				certificate(name, pair, Arrays.asList(hosts), false, from, until));
		Path key = write(name + ".key", "PRIVATE KEY", pair.getPrivate().getEncoded());
		return new Issued(cert, key, pair.getPrivate());
	}

	private static KeyPair generate(String algorithm) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
			if (!algorithm.equals("Ed25519")) {
				generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
			}
			return generator.generateKeyPair();
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private byte[] certificate(String subject, KeyPair pair, List<String> hosts, boolean authority, Instant from,
			Instant until) {
		byte[] algorithm = sequence(oid(ECDSA_WITH_SHA256));
		byte[] extensions = authority ? extension("2.5.29.19", sequence(der(1, new byte[] { -1 })))
				: extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"), oid("1.3.6.1.5.5.7.3.2")));
		if (!hosts.isEmpty()) {
			byte[][] names = hosts.stream().map(TestCertificates::hostName).toArray(byte[][]::new);
			extensions = join(extensions, extension("2.5.29.17", sequence(names)));
		}
		byte[] content = sequence(der(0xA0, integer(BigInteger.TWO)),
				integer(BigInteger.valueOf(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))), algorithm,
				commonName(this.name), sequence(time(from), time(until)), commonName(subject),
				pair.getPublic().getEncoded(), der(0xA3, sequence(extensions)));
		try {
			Signature signature = Signature.getInstance("SHA256withECDSA");
			signature.initSign(this.keys.getPrivate());
			signature.update(content);
			return sequence(content, algorithm, bits(signature.sign()));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Path write(String file, String type, byte[] content) {
		return writePem(this.folder.resolve(file), type, content);
	}

	private static Path writePem(Path file, String type, byte[] content) {
		String body = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content);
		try {
			return Files.writeString(file,
					String.format(Locale.ROOT, "-----BEGIN %s-----%n%s%n-----END %s-----%n", type, body, type));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] extension(String oid, byte[] value) {
		return sequence(oid(oid), der(4, value));
	}

	private static byte[] hostName(String host) {
		try {
			boolean address = host.contains(":") || host.matches("[0-9.]+");
			return address ? der(0x87, InetAddress.getByName(host).getAddress())
					: der(0x82, host.getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] commonName(String name) {
		return sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0C, name.getBytes(StandardCharsets.UTF_8)))));
	}

	private static byte[] time(Instant time) {
		return der(0x17, UTC_TIME.format(time.atOffset(ZoneOffset.UTC)).getBytes(StandardCharsets.US_ASCII));
	}

	private static byte[] bits(byte[] content) {
		return der(3, join(new byte[1], content));
	}

	private static byte[] integer(BigInteger value) {
		return der(2, value.toByteArray());
	}

	private static byte[] oid(String dotted) {
		int[] parts = Arrays.stream(dotted.split("\\.")).mapToInt(Integer::parseInt).toArray();
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(parts[0] * 40 + parts[1]);
		for (int i = 2; i < parts.length; i++) {
			for (int shift = 28; shift > 0; shift -= 7) {
				if (parts[i] >> shift > 0) {
					out.write(((parts[i] >> shift) & 127) | 128);
				}
			}
			out.write(parts[i] & 127);
		}
		return der(6, out.toByteArray());
	}

	private static byte[] sequence(byte[]... parts) {
		return der(0x30, join(parts));
	}

	private static byte[] join(byte[]... parts) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (byte[] part : parts) {
			out.writeBytes(part);
		}
		return out.toByteArray();
	}

	private static byte[] der(int tag, byte[] content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(tag);
		if (content.length >= 128) {
			byte[] length = BigInteger.valueOf(content.length).toByteArray();
			int zeros = (length[0] == 0) ? 1 : 0;
			out.write(128 + length.length - zeros);
			out.write(length, zeros, length.length - zeros);
		}
		else {
			out.write(content.length);
		}
		out.writeBytes(content);
		return out.toByteArray();
	}

	/**
	 * A certificate and its key.
	 *
	 * @param certificate the certificate's PEM file
	 * @param key the key's PEM file, in PKCS#8
	 * @param privateKey the key
	 */
	public record Issued(Path certificate, Path key, PrivateKey privateKey) {

		/**
		 * Writes the key in the form in which OpenSSL 1 did: PKCS#1 for RSA, SEC 1 with
		 * the name of the curve for EC.
		 * @return another file
		 */
		public Path oldKey() {
			byte[] pkcs8 = this.privateKey.getEncoded();
			boolean rsa = this.privateKey.getAlgorithm().equals("RSA");
			byte[] inner = lastElement(pkcs8);
			if (!rsa) {
				byte[] secret = Arrays.copyOfRange(inner, 7, 7 + 32);
				inner = sequence(integer(BigInteger.ONE), der(4, secret), der(0xA0, oid("1.2.840.10045.3.1.7")));
			}
			return writePem(this.key.resolveSibling(this.key.getFileName() + ".old"),
					rsa ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", inner);
		}

		/** The content of the octet string that ends a PKCS#8 key. */
		private static byte[] lastElement(byte[] pkcs8) {
			int at = next(pkcs8, 0, false);
			at = next(pkcs8, at, true);
			at = next(pkcs8, at, true);
			return Arrays.copyOfRange(pkcs8, next(pkcs8, at, false), pkcs8.length);
		}

		private static int next(byte[] der, int at, boolean skip) {
			int octets = (der[at + 1] >= 0) ? 0 : der[at + 1] & 127;
			int length = der[at + 1];
			if (octets > 0) {
				length = new BigInteger(1, Arrays.copyOfRange(der, at + 2, at + 2 + octets)).intValue();
			}
			return at + 2 + octets + (skip ? length : 0);
		}

	}

}
