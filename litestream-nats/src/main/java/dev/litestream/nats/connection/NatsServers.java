package dev.litestream.nats.connection;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server part of an address: {@code nats://[user:password@]host[:port][,host...]}. No
 * message shows what was given: a mistake can turn any part of it into a password.
 *
 * @param scheme how the servers are spoken to
 * @param servers addresses as {@code host:port}
 * @param credentials those of the user part, or {@link NatsCredentials#NONE}
 */
public record NatsServers(NatsScheme scheme, List<String> servers, NatsCredentials credentials) {

	private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\\.?");

	private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?]");

	private static final Pattern REPEATED_SCHEME = Pattern.compile(",\\s*([A-Za-z+]+://)");

	private static final String FORM = "nats://host:4222";

	/**
	 * Reads the value of {@code NATS_URL} or the like: one or more servers, with or
	 * without a scheme.
	 * @param text the value
	 * @param source what it is, for messages
	 * @return the servers
	 * @throws IllegalArgumentException if it cannot be used
	 */
	public static NatsServers parse(String text, String source) {
		String url = text.strip();
		NatsScheme scheme = NatsScheme.of(url);
		if (scheme == null) {
			if (url.contains("://")) {
				throw refused(source, "begins with none of nats://, tls://, ws:// and wss://", "write " + FORM);
			}
			scheme = NatsScheme.NATS;
			url = scheme.prefix() + url;
		}
		String authority = oneScheme(scheme, url.substring(scheme.prefix().length()), source);
		if (authority.endsWith("/")) {
			authority = authority.substring(0, authority.length() - 1);
		}
		if (authority.indexOf('/') >= 0) {
			throw refused(source, "names more than servers", "write " + FORM + ", and '/' in a password as %2F");
		}
		return ofAuthority(scheme, authority, source);
	}

	/** Each server may repeat the scheme, as NATS tools write it. */
	public static String oneScheme(NatsScheme scheme, String rest, String source) {
		Matcher repeated = REPEATED_SCHEME.matcher(rest);
		while (repeated.find()) {
			if (NatsScheme.of(repeated.group(1)) != scheme) {
				throw refused(source, "has servers of different schemes",
						"write " + scheme.prefix() + " once, before the first server");
			}
		}
		return repeated.replaceAll(",");
	}

	/**
	 * Reads user part and hosts.
	 * @param scheme the scheme before them
	 * @param authority the text between the scheme and the next slash
	 * @param source what it is, for messages
	 * @return the servers
	 * @throws IllegalArgumentException if it cannot be used
	 */
	public static NatsServers ofAuthority(NatsScheme scheme, String authority, String source) {
		int at = authority.lastIndexOf('@');
		String hosts = authority.substring(at + 1);
		if (at > authority.indexOf('@')) {
			throw refused(source, "holds more than one '@'",
					"write the user part once, before the first server, and '@' in a password as %40");
		}
		if (hosts.isEmpty()) {
			throw refused(source, "names no server", "write " + FORM);
		}
		List<String> servers = new ArrayList<>();
		for (String host : hosts.split(",", -1)) {
			servers.add(server(scheme, host.strip(), source));
		}
		return new NatsServers(scheme, List.copyOf(servers),
				(at < 0) ? NatsCredentials.NONE : credentials(authority.substring(0, at), source));
	}

	private static NatsCredentials credentials(String userInfo, String source) {
		int colon = userInfo.indexOf(':');
		if (colon < 0 && !userInfo.isEmpty()) {
			// as in all NATS clients
			return new NatsCredentials.Token(Secret.of(decode(userInfo, source)));
		}
		if (colon <= 0 || colon == userInfo.length() - 1) {
			throw refused(source, "has no user name and password before '@'",
					"write nats://user:password@host, or nats://token@host");
		}
		return new NatsCredentials.UserPassword(decode(userInfo.substring(0, colon), source),
				Secret.of(decode(userInfo.substring(colon + 1), source)));
	}

	private static String decode(String text, String source) {
		try {
			return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			// without the cause: its message holds a part of the password
			throw refused(source, "has a '%' in its user name or password that begins no encoded character",
					"write it as %25");
		}
	}

	/**
	 * Brings a server's address to the form {@code host:port}.
	 * @param scheme how it is spoken to
	 * @param address {@code host} or {@code host:port}
	 * @param source where it stands, for messages
	 * @return the address
	 * @throws IllegalArgumentException if it cannot be used
	 */
	public static String server(NatsScheme scheme, String address, String source) {
		int colon = address.lastIndexOf(':');
		boolean hasPort = colon >= 0 && address.indexOf(']', colon) < 0;
		String host = hasPort ? address.substring(0, colon) : address;
		if (!HOST.matcher(host).matches() && !IPV6.matcher(host).matches()) {
			throw refused(source, "has a server that is not an address",
					"write host:port, an IPv6 address as [::1]:4222, several with ',' in between");
		}
		return host + ":" + (hasPort ? port(address.substring(colon + 1), source) : scheme.defaultPort());
	}

	private static int port(String text, String source) {
		try {
			int port = Integer.parseInt(text);
			if (port > 0 && port < 65536) {
				return port;
			}
		}
		catch (NumberFormatException ex) {
			// refused below, without the text, which may be a password
		}
		throw refused(source, "has a server without a port between 1 and 65535 behind its ':'",
				"write " + FORM + "; if that was a user and password, nats://user:password@host:4222");
	}

	private static IllegalArgumentException refused(String source, String fault, String cure) {
		return new IllegalArgumentException(source + " " + fault + ": " + cure);
	}

	/** Without the user part. */
	@Override
	public String toString() {
		return this.scheme.prefix() + String.join(",", this.servers);
	}

}
