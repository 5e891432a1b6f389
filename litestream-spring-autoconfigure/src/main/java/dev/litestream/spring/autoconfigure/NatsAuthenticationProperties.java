package dev.litestream.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Authentication at a NATS server. One method at a time; secrets may be kept in files.
 */
public abstract class NatsAuthenticationProperties {

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

}
