package dev.litestream.nats.connection;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.replica.ReplicaRefusedException;

/**
 * The blocks of a PEM file, in their order. What stands between them does not count.
 *
 * @param file the file
 * @param blocks the blocks
 */
record PemFile(Path file, List<Block> blocks) {

	private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----",
			Pattern.DOTALL);

	private static final String ENCRYPTED = "ENCRYPTED";

	/**
	 * Reads a file. If it cannot be read or is damaged, the message shows nothing of it.
	 */
	static PemFile read(Path file) throws ReplicaRefusedException {
		List<Block> blocks = new ArrayList<>();
		Matcher matcher = BLOCK.matcher(Secret.readFile(file));
		while (matcher.find()) {
			String type = matcher.group(1);
			String body = matcher.group(2);
			if (type.startsWith(ENCRYPTED) || body.contains(ENCRYPTED)) {
				throw new ReplicaRefusedException("The key in " + file + " is encrypted: decrypt it with"
						+ " `openssl pkey`, or use an SSL bundle, which takes a password");
			}
			try {
				blocks.add(new Block(type, Base64.getMimeDecoder().decode(body)));
			}
			catch (IllegalArgumentException ex) {
				throw damaged(file);
			}
		}
		return new PemFile(file, blocks);
	}

	/**
	 * The certificates of the file, at least one.
	 */
	List<X509Certificate> certificates() throws ReplicaRefusedException {
		List<X509Certificate> certificates = new ArrayList<>();
		for (Block block : this.blocks) {
			if (block.type.equals("CERTIFICATE") || block.type.equals("TRUSTED CERTIFICATE")) {
				try {
					certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
						.generateCertificate(new ByteArrayInputStream(block.content)));
				}
				catch (CertificateException ex) {
					throw damaged(this.file);
				}
			}
		}
		if (certificates.isEmpty()) {
			throw new ReplicaRefusedException("The file " + this.file
					+ " holds no certificate: it has to be in PEM format, with a line -----BEGIN CERTIFICATE-----");
		}
		return certificates;
	}

	private static ReplicaRefusedException damaged(Path file) {
		return new ReplicaRefusedException("The PEM file " + file + " is damaged: write it anew");
	}

	/**
	 * What stands between a BEGIN and an END line.
	 *
	 * @param type what the lines name
	 * @param content the decoded bytes
	 */
	record Block(String type, byte[] content) {

		@Override
		public String toString() {
			return this.type;
		}

	}

}
