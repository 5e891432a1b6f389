package dev.litestream.nats.connection;

import java.util.Locale;
import java.util.regex.Pattern;

import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is allowed, and how its servers refuse it: whose name their
 * certificates have to be for, whether a secret would be seen on the way, and what their
 * errors say about our credentials.
 *
 * @param options the connection's options
 */
record ConnectionAccess(NatsConnectionOptions options) {

	String location() {
		return this.options.location();
	}

	private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

	private static final Pattern LOCAL = Pattern.compile("(?i)(localhost|127\\.[0-9.]+|\\[(0*:)+0*1]):[0-9]+");

	/**
	 * The name that a server's certificate has to be for. Servers that only the cluster
	 * names have to prove that they belong to the first host name that the user wrote, or
	 * address if there is none: where TLS comes after the server's first words, anybody
	 * on the way can put a server of his own there, with a good certificate for its name.
	 */
	String verifiedName(String host) {
		String written = null;
		for (String server : this.options.servers()) {
			String name = server.substring(0, server.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
			if (name.equalsIgnoreCase(host)) {
				return host;
			}
			if (written == null || (ADDRESS.matcher(written).matches() && !ADDRESS.matcher(name).matches())) {
				written = name;
			}
		}
		boolean isProtected = this.options.tls().first() || this.options.scheme() == NatsScheme.WSS;
		return (written == null || (isProtected && !ADDRESS.matcher(host).matches())) ? host : written;
	}

	/**
	 * Whether a password or token goes, without TLS, to another machine, so that
	 * everybody on the way can read it.
	 */
	boolean exposesSecret() {
		boolean secret = this.options.credentials() instanceof NatsCredentials.UserPassword
				|| this.options.credentials() instanceof NatsCredentials.Token;
		return secret && !this.options.tls().enabled()
				&& !this.options.servers().stream().allMatch((server) -> LOCAL.matcher(server).matches());
	}

	/**
	 * What an error of the server says about our credentials, or {@code null} if it is
	 * about something else.
	 */
	@Nullable ReplicaRefusedException refusal(String error) {
		String lower = error.toLowerCase(Locale.ROOT);
		String server = "The NATS server at " + location() + " ";
		if (lower.contains("authorization violation")) {
			return new ReplicaRefusedException(server + this.options.credentials().refusal());
		}
		if (lower.startsWith("user authentication") || lower.startsWith("account authentication")) {
			return new ReplicaRefusedException(
					server + "has ended the session (" + error + "): have new credentials issued");
		}
		if (lower.contains("maximum control line")) {
			return new ReplicaRefusedException(server + "takes no credentials as long as these: raise its"
					+ " max_control_line above its default of 4096 bytes");
		}
		return null;
	}

	@Override
	public String toString() {
		return location();
	}

}
