package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The configuration properties of a replica that concern NATS alone: who we are to the
 * server, how the connection is protected, and which subjects are used.
 */
public abstract class NatsAccessProperties {

	/**
	 * User name for the NATS server.
	 */
	private @Nullable String username;

	/**
	 * Password for the NATS server.
	 */
	private @Nullable String password;

	/**
	 * File with the password for the NATS server. Read again when the server refuses it.
	 */
	private @Nullable String passwordFile;

	/**
	 * Token for the NATS server.
	 */
	private @Nullable String token;

	/**
	 * File with the token for the NATS server. Read again for each connection.
	 */
	private @Nullable String tokenFile;

	/**
	 * JWT of the NATS user. Needs the seed too.
	 */
	private @Nullable String jwt;

	/**
	 * Public NKey of the NATS user. Needs the seed too.
	 */
	private @Nullable String nkey;

	/**
	 * Seed of the NATS user's NKey, for jwt or nkey.
	 */
	private @Nullable String seed;

	/**
	 * File with the seed of the NATS user's NKey. Read again for each connection.
	 */
	private @Nullable String seedFile;

	/**
	 * NATS credentials file, with the JWT and the seed. Read again for each connection.
	 */
	private @Nullable String creds;

	/**
	 * Whether to require TLS. Enabled by other TLS settings and by tls:// too.
	 */
	private @Nullable Boolean tls;

	/**
	 * PEM file with the client certificate for the NATS server.
	 */
	private @Nullable String clientCert;

	/**
	 * PEM file with the private key of the client certificate.
	 */
	private @Nullable String clientKey;

	/**
	 * JetStream domain that holds the bucket.
	 */
	private @Nullable String domain;

	/**
	 * Prefix of the subjects of JetStream requests. $JS.API if not set.
	 */
	private @Nullable String apiPrefix;

	/**
	 * Prefix of the subjects of answers. _INBOX if not set.
	 */
	private @Nullable String inboxPrefix;

	/**
	 * PEM files with the CAs to trust for the NATS server. Those of the JDK if not set.
	 */
	private List<String> rootCas = new ArrayList<>();

	/**
	 * Whether TLS begins before the NATS server has said a word, as with handshake_first.
	 */
	private boolean tlsFirst = false;

	/**
	 * Whether to accept a certificate of the NATS server that is for another host.
	 */
	private boolean insecureSkipHostNameVerification = false;

	private final Ssl ssl = new Ssl();

	public @Nullable String getUsername() {
		return this.username;
	}

	public void setUsername(@Nullable String username) {
		this.username = username;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public @Nullable String getPasswordFile() {
		return this.passwordFile;
	}

	public void setPasswordFile(@Nullable String passwordFile) {
		this.passwordFile = passwordFile;
	}

	public @Nullable String getToken() {
		return this.token;
	}

	public void setToken(@Nullable String token) {
		this.token = token;
	}

	public @Nullable String getTokenFile() {
		return this.tokenFile;
	}

	public void setTokenFile(@Nullable String tokenFile) {
		this.tokenFile = tokenFile;
	}

	public @Nullable String getJwt() {
		return this.jwt;
	}

	public void setJwt(@Nullable String jwt) {
		this.jwt = jwt;
	}

	public @Nullable String getNkey() {
		return this.nkey;
	}

	public void setNkey(@Nullable String nkey) {
		this.nkey = nkey;
	}

	public @Nullable String getSeed() {
		return this.seed;
	}

	public void setSeed(@Nullable String seed) {
		this.seed = seed;
	}

	public @Nullable String getSeedFile() {
		return this.seedFile;
	}

	public void setSeedFile(@Nullable String seedFile) {
		this.seedFile = seedFile;
	}

	public @Nullable String getCreds() {
		return this.creds;
	}

	public void setCreds(@Nullable String creds) {
		this.creds = creds;
	}

	public @Nullable Boolean getTls() {
		return this.tls;
	}

	public void setTls(@Nullable Boolean tls) {
		this.tls = tls;
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

	public @Nullable String getDomain() {
		return this.domain;
	}

	public void setDomain(@Nullable String domain) {
		this.domain = domain;
	}

	public @Nullable String getApiPrefix() {
		return this.apiPrefix;
	}

	public void setApiPrefix(@Nullable String apiPrefix) {
		this.apiPrefix = apiPrefix;
	}

	public @Nullable String getInboxPrefix() {
		return this.inboxPrefix;
	}

	public void setInboxPrefix(@Nullable String inboxPrefix) {
		this.inboxPrefix = inboxPrefix;
	}

	public List<String> getRootCas() {
		return this.rootCas;
	}

	public void setRootCas(List<String> rootCas) {
		this.rootCas = rootCas;
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
	 * The settings that concern NATS alone, by their names, for replicas of another kind.
	 */
	Map<String, @Nullable String> ofNatsAlone() {
		Map<String, @Nullable String> settings = new LinkedHashMap<>();
		settings.put("username", this.username);
		settings.put("password", this.password);
		settings.put("password-file", this.passwordFile);
		settings.put("token", this.token);
		settings.put("token-file", this.tokenFile);
		settings.put("jwt", this.jwt);
		settings.put("nkey", this.nkey);
		settings.put("seed", this.seed);
		settings.put("seed-file", this.seedFile);
		settings.put("creds", this.creds);
		settings.put("tls", (this.tls != null) ? this.tls.toString() : null);
		settings.put("root-cas", String.join(",", this.rootCas));
		settings.put("client-cert", this.clientCert);
		settings.put("client-key", this.clientKey);
		settings.put("tls-first", this.tlsFirst ? "true" : null);
		settings.put("insecure-skip-host-name-verification", this.insecureSkipHostNameVerification ? "true" : null);
		settings.put("ssl.bundle", this.ssl.getBundle());
		settings.put("domain", this.domain);
		settings.put("api-prefix", this.apiPrefix);
		settings.put("inbox-prefix", this.inboxPrefix);
		return settings;
	}

	/**
	 * TLS of a NATS replica by an SSL bundle.
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
