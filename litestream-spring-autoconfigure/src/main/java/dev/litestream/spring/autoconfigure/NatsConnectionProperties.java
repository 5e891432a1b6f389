package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * All that concerns NATS servers alone: besides who we are and TLS, the connection and
 * the subjects.
 */
public abstract class NatsConnectionProperties extends NatsTlsProperties {

	/**
	 * Longest time to wait for a connection to the NATS server.
	 */
	private Duration timeout = Duration.ofSeconds(10);

	/**
	 * Attempts to reconnect to the NATS server before giving up. Negative for no limit.
	 */
	private int maxReconnects = -1;

	/**
	 * Time to wait between attempts to reconnect to the same NATS server.
	 */
	private Duration reconnectWait = Duration.ofSeconds(2);

	/**
	 * Longest time to wait for the answer to one request to the NATS server.
	 */
	private Duration requestTimeout = Duration.ofSeconds(5);

	/**
	 * Longest random time added to each pause between attempts to reconnect.
	 */
	private Duration reconnectJitter = Duration.ofMillis(100);

	/**
	 * Time between pings of the NATS server.
	 */
	private Duration pingInterval = Duration.ofSeconds(20);

	/**
	 * Pings without an answer after which the connection to the NATS server counts as
	 * lost.
	 */
	private int maxPingsOut = 2;

	/**
	 * Whether the NATS servers force each write to their disks (sync_interval: always),
	 * which a client cannot see.
	 */
	private boolean syncAlways = false;

	/**
	 * JetStream domain that holds the bucket.
	 */
	private @Nullable String domain;

	/**
	 * Prefix of the subjects of JetStream requests.
	 */
	private @Nullable String apiPrefix;

	/**
	 * Prefix of the subjects of answers.
	 */
	private @Nullable String inboxPrefix;

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	public int getMaxReconnects() {
		return this.maxReconnects;
	}

	public void setMaxReconnects(int maxReconnects) {
		this.maxReconnects = maxReconnects;
	}

	public Duration getReconnectWait() {
		return this.reconnectWait;
	}

	public void setReconnectWait(Duration reconnectWait) {
		this.reconnectWait = reconnectWait;
	}

	public Duration getRequestTimeout() {
		return this.requestTimeout;
	}

	public void setRequestTimeout(Duration requestTimeout) {
		this.requestTimeout = requestTimeout;
	}

	public Duration getReconnectJitter() {
		return this.reconnectJitter;
	}

	public void setReconnectJitter(Duration reconnectJitter) {
		this.reconnectJitter = reconnectJitter;
	}

	public Duration getPingInterval() {
		return this.pingInterval;
	}

	public void setPingInterval(Duration pingInterval) {
		this.pingInterval = pingInterval;
	}

	public int getMaxPingsOut() {
		return this.maxPingsOut;
	}

	public void setMaxPingsOut(int maxPingsOut) {
		this.maxPingsOut = maxPingsOut;
	}

	public boolean isSyncAlways() {
		return this.syncAlways;
	}

	public void setSyncAlways(boolean syncAlways) {
		this.syncAlways = syncAlways;
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

	/**
	 * The settings that concern NATS alone, by their names, for replicas of another kind.
	 */
	Map<String, @Nullable String> ofNatsAlone() {
		Map<String, @Nullable String> settings = new LinkedHashMap<>();
		settings.put("username", getUsername());
		settings.put("password", getPassword());
		settings.put("password-file", getPasswordFile());
		settings.put("token", getToken());
		settings.put("token-file", getTokenFile());
		settings.put("jwt", getJwt());
		settings.put("nkey", getNkey());
		settings.put("seed", getSeed());
		settings.put("seed-file", getSeedFile());
		settings.put("creds", getCreds());
		settings.put("tls", (getTls() != null) ? String.valueOf(getTls()) : null);
		settings.put("root-cas", String.join(",", getRootCas()));
		settings.put("client-cert", getClientCert());
		settings.put("client-key", getClientKey());
		settings.put("tls-first", isTlsFirst() ? "true" : null);
		settings.put("insecure-skip-host-name-verification", isInsecureSkipHostNameVerification() ? "true" : null);
		settings.put("ssl.bundle", getSsl().getBundle());
		settings.put("domain", this.domain);
		settings.put("api-prefix", this.apiPrefix);
		settings.put("inbox-prefix", this.inboxPrefix);
		return settings;
	}

}
