package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How a connection to a NATS server is protected.
 */
public abstract class NatsTlsProperties extends NatsAuthenticationProperties {

	/**
	 * Whether to require TLS. Enabled by other TLS settings and by tls:// too.
	 */
	private @Nullable Boolean tls;

	/**
	 * PEM files with the CAs to trust for the NATS server. Those of the JDK if not set.
	 */
	private List<String> rootCas = new ArrayList<>();

	/**
	 * PEM file with the client certificate for the NATS server.
	 */
	private @Nullable String clientCert;

	/**
	 * PEM file with the private key of the client certificate.
	 */
	private @Nullable String clientKey;

	/**
	 * Whether TLS begins before the NATS server sends anything, as with handshake_first.
	 */
	private boolean tlsFirst = false;

	/**
	 * Whether to accept a certificate of the NATS server that is for another host.
	 */
	private boolean insecureSkipHostNameVerification = false;

	private final Ssl ssl = new Ssl();

	public @Nullable Boolean getTls() {
		return this.tls;
	}

	public void setTls(@Nullable Boolean tls) {
		this.tls = tls;
	}

	public List<String> getRootCas() {
		return this.rootCas;
	}

	public void setRootCas(List<String> rootCas) {
		this.rootCas = rootCas;
	}

	public @Nullable String getClientCert() {
		return this.clientCert;
	}

	public void setClientCert(@Nullable String clientCert) {
		this.clientCert = clientCert;
	}

	public @Nullable String getClientKey() {
		return this.clientKey;
	}

	public void setClientKey(@Nullable String clientKey) {
		this.clientKey = clientKey;
	}

	public boolean isTlsFirst() {
		return this.tlsFirst;
	}

	public void setTlsFirst(boolean tlsFirst) {
		this.tlsFirst = tlsFirst;
	}

	public boolean isInsecureSkipHostNameVerification() {
		return this.insecureSkipHostNameVerification;
	}

	public void setInsecureSkipHostNameVerification(boolean insecureSkipHostNameVerification) {
		this.insecureSkipHostNameVerification = insecureSkipHostNameVerification;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	/**
	 * TLS by an SSL bundle.
	 */
	public static class Ssl {

		/**
		 * SSL bundle with the CAs to trust and, for a client certificate, the key.
		 */
		private @Nullable String bundle;

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

	}

}
