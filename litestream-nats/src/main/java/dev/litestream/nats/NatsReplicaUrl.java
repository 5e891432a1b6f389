package dev.litestream.nats;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A replica's address:
 * {@code nats://[user:password@]host[:port][,host:port...]/bucket[/path]}. User name and
 * password may hold percent-encoded characters. No message shows them.
 *
 * @param servers addresses as {@code host:port}
 * @param bucket name of the bucket
 * @param path prefix of all object names, or {@code null}
 * @param username user name, or {@code null}
 * @param password password, or {@code null}
 */
public record NatsReplicaUrl(List<String> servers, String bucket, @Nullable String path, @Nullable String username,
		@Nullable String password) {

	private static final String SCHEME = "nats://";

	private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+]");

	/**
	 * Parses an address.
	 * @param url the address
	 * @return its parts
	 * @throws IllegalArgumentException if it cannot be used; the message says why
	 */
	public static NatsReplicaUrl parse(String url) {
		if (!url.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
			throw new IllegalArgumentException("The replica URL must begin with nats://");
		}
		String rest = url.substring(SCHEME.length());
		if (rest.indexOf('?') >= 0 || rest.indexOf('#') >= 0) {
			throw new IllegalArgumentException("The replica URL must not hold '?' or '#': write them as %3F and %23 "
					+ "in a password, and give further settings as properties");
		}
		// a slash in a password has to be encoded; the last @ before the path counts
		int slash = rest.indexOf('/');
		String authority = (slash < 0) ? rest : rest.substring(0, slash);
		String location = (slash < 0) ? "" : rest.substring(slash + 1);
		if (location.indexOf('@') >= 0) {
			throw new IllegalArgumentException("The replica URL holds an '@' behind its first '/': write '/' as %2F "
					+ "in a user name or password");
		}
		int at = authority.lastIndexOf('@');
		String userInfo = (at < 0) ? null : authority.substring(0, at);
		String hosts = authority.substring(at + 1);
		if (hosts.isEmpty()) {
			throw new IllegalArgumentException("The replica URL names no server: use nats://host:4222/bucket");
		}
		List<String> servers = Arrays.stream(hosts.split(",", -1)).map(NatsReplicaUrl::server).toList();
		int separator = location.indexOf('/');
		String bucket = (separator < 0) ? location : location.substring(0, separator);
		String path = (separator < 0) ? null : location.substring(separator + 1);
		if (bucket.isEmpty()) {
			throw new IllegalArgumentException("The replica URL names no bucket: use nats://" + hosts + "/bucket");
		}
		if (path != null && path.isEmpty()) {
			path = null;
		}
		String username = null;
		String password = null;
		if (userInfo != null) {
			int colon = userInfo.indexOf(':');
			if (colon <= 0) {
				throw new IllegalArgumentException(
						"The replica URL has no user name and password before '@': use nats://user:password@host/bucket");
			}
			username = decode(userInfo.substring(0, colon));
			password = decode(userInfo.substring(colon + 1));
		}
		return new NatsReplicaUrl(servers, bucket, path, username, password);
	}

	private static String decode(String text) {
		try {
			return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			// without the cause: its message holds a part of the password
			throw new IllegalArgumentException("The replica URL has a '%' in its user name or password that begins "
					+ "no encoded character: write it as %25");
		}
	}

	/**
	 * Brings a server's address to the form {@code host:port}.
	 * @param address {@code host}, {@code host:port} or {@code nats://host:port}
	 * @return the address
	 * @throws IllegalArgumentException if it cannot be used
	 */
	static String server(String address) {
		if (address.indexOf('@') >= 0) {
			throw new IllegalArgumentException("A server's address must not hold a user name or password: "
					+ "set replica.username and replica.password");
		}
		String text = address.trim();
		if (text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
			text = text.substring(SCHEME.length());
		}
		else if (text.contains("://")) {
			throw new IllegalArgumentException("The server '" + text + "' cannot be used: only nats:// is supported");
		}
		if (text.endsWith("/")) {
			text = text.substring(0, text.length() - 1);
		}
		int colon = text.lastIndexOf(':');
		boolean hasPort = colon >= 0 && text.indexOf(']', colon) < 0;
		String host = hasPort ? text.substring(0, colon) : text;
		if (!HOST.matcher(host).matches()) {
			throw new IllegalArgumentException("The server '" + text + "' is not an address: use host:port");
		}
		return host + ":" + (hasPort ? port(text, text.substring(colon + 1)) : NatsReplicaOptions.DEFAULT_PORT);
	}

	private static int port(String address, String text) {
		try {
			int port = Integer.parseInt(text);
			if (port > 0 && port < 65536) {
				return port;
			}
		}
		catch (NumberFormatException ex) {
			// refused below
		}
		throw new IllegalArgumentException("The server '" + address + "' has no port between 1 and 65535");
	}

	/**
	 * Starts options for this address.
	 * @return a builder with the address's parts and defaults
	 */
	public NatsReplicaOptions.Builder toOptions() {
		return NatsReplicaOptions.builder(this.bucket)
			.servers(this.servers)
			.path(this.path)
			.credentials(this.username, this.password);
	}

	@Override
	public String toString() {
		return "nats://" + String.join(",", this.servers) + "/" + this.bucket
				+ ((this.path != null) ? "/" + this.path : "");
	}

}
