package dev.litestream.nats.connection;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;

import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * How connections are protected by TLS. Files are read again for each connection, so that
 * certificates can be renewed while the application runs. The server's certificate has to
 * be issued by a known CA, for the host that was connected to. Immutable.
 *
 * @param enabled whether TLS is used at all
 * @param rootCas PEM files with the CAs that are trusted, instead of those of the JDK;
 * none for those
 * @param clientCert PEM file with our certificate and its chain, or {@code null}
 * @param clientKey PEM file with its private key, or {@code null}
 * @param first whether TLS begins before the server has said a word, as a server with
 * {@code handshake_first} wants it
 * @param skipHostNameVerification whether a certificate for another host will do
 * @param bundle trust and keys from elsewhere instead of from files, asked for each
 * connection, or {@code null}
 */
public record NatsTls(boolean enabled, List<Path> rootCas, @Nullable Path clientCert, @Nullable Path clientKey,
		boolean first, boolean skipHostNameVerification, @Nullable Supplier<Managers> bundle) {

	/** No TLS, unless the scheme of the URL asks for it. */
	public static final NatsTls NONE = new NatsTls(false, List.of(), null, null, false, false, null);

	/** TLS with the CAs of the JDK and without a certificate of ours. */
	public static final NatsTls DEFAULTS = new NatsTls(true, List.of(), null, null, false, false, null);

	public NatsTls {
		rootCas = List.copyOf(rootCas);
		if ((clientCert == null) != (clientKey == null)) {
			throw new IllegalArgumentException(
					"Set both litestream.replica.client-cert and litestream.replica.client-key, or neither; only "
							+ ((clientCert == null) ? "the key" : "the certificate") + " is set");
		}
		boolean files = !rootCas.isEmpty() || clientCert != null;
		if (bundle != null && files) {
			throw new IllegalArgumentException(
					"An SSL bundle is set beside litestream.replica.root-cas or litestream.replica.client-cert;"
							+ " keep the bundle or the files");
		}
		if (!enabled && (files || bundle != null || first || skipHostNameVerification)) {
			throw new IllegalArgumentException(
					"TLS is off although other settings ask for it; set litestream.replica.tls=true,"
							+ " or remove litestream.replica.root-cas, litestream.replica.client-cert, litestream.replica.tls-first, litestream.replica.ssl.bundle"
							+ " and litestream.replica.insecure-skip-host-name-verification");
		}
	}

	/**
	 * TLS that trusts the CAs in these files.
	 * @param files PEM files
	 * @return the settings
	 */
	public NatsTls trusting(List<Path> files) {
		return new NatsTls(true, files, this.clientCert, this.clientKey, this.first, this.skipHostNameVerification,
				this.bundle);
	}

	/**
	 * TLS with a certificate of ours.
	 * @param cert PEM file with the certificate and its chain
	 * @param key PEM file with its private key
	 * @return the settings
	 */
	public NatsTls identifiedBy(@Nullable Path cert, @Nullable Path key) {
		return new NatsTls(true, this.rootCas, cert, key, this.first, this.skipHostNameVerification, this.bundle);
	}

	/**
	 * TLS that begins before the server has said a word.
	 * @return the settings
	 */
	public NatsTls handshakeFirst() {
		return new NatsTls(true, this.rootCas, this.clientCert, this.clientKey, true, this.skipHostNameVerification,
				this.bundle);
	}

	/**
	 * TLS with any server whose certificate a known CA has issued, for whatever host: who
	 * holds one such certificate can read and change everything.
	 * @return the settings
	 */
	public NatsTls insecurelySkippingHostNameVerification() {
		return new NatsTls(true, this.rootCas, this.clientCert, this.clientKey, this.first, true, this.bundle);
	}

	/**
	 * TLS with trust and keys from elsewhere.
	 * @param bundle asked for each connection; equal suppliers share a connection
	 * @return the settings
	 */
	public NatsTls bundle(Supplier<Managers> bundle) {
		return new NatsTls(true, this.rootCas, this.clientCert, this.clientKey, this.first,
				this.skipHostNameVerification, bundle);
	}

	/**
	 * Checks the files, or the bundle.
	 * @throws ReplicaRefusedException if they cannot be used; the message says why
	 */
	public void check() throws ReplicaRefusedException {
		if (this.enabled) {
			new TlsHandshake(this, "", "");
		}
	}

	/**
	 * Trust and keys as they are now.
	 */
	Managers managers() throws ReplicaRefusedException {
		if (this.bundle != null) {
			try {
				return this.bundle.get();
			}
			catch (RuntimeException ex) {
				throw new ReplicaRefusedException(
						"The SSL bundle of litestream.replica.ssl.bundle cannot be used: check its stores and passwords",
						ex);
			}
		}
		return new Managers(PemTrust.read(this.rootCas), (this.clientCert != null && this.clientKey != null)
				? PemIdentity.read(this.clientCert, this.clientKey) : new KeyManager[0]);
	}

	/** Where trust comes from, for messages. */
	String trustSource() {
		if (this.bundle != null) {
			return "in the SSL bundle";
		}
		return this.rootCas.isEmpty() ? "that the JDK trusts" : "in litestream.replica.root-cas ("
				+ String.join(", ", this.rootCas.stream().map((file) -> String.valueOf(file)).toList()) + ")";
	}

	/**
	 * What TLS is made of.
	 *
	 * @param trust decide on the server's certificate
	 * @param keys hold our certificate, none without one
	 * @param protocols the versions of TLS that may be used, none for those of the JDK
	 * @param ciphers the cipher suites that may be used, none for those of the JDK
	 */
	public record Managers(TrustManager[] trust, KeyManager[] keys, List<String> protocols, List<String> ciphers) {

		public Managers {
			protocols = List.copyOf(protocols);
			ciphers = List.copyOf(ciphers);
		}

		/**
		 * With the versions and cipher suites of the JDK.
		 * @param trust decide on the server's certificate
		 * @param keys hold our certificate, none without one
		 */
		public Managers(TrustManager[] trust, KeyManager[] keys) {
			this(trust, keys, List.of(), List.of());
		}

		@Override
		public String toString() {
			return this.trust.length + " trust managers, " + this.keys.length + " key managers";
		}

	}

}
