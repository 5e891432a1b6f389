package dev.litestream.nats;

import java.util.List;
import java.util.regex.Pattern;

import dev.litestream.nats.connection.NatsCredentials;
import dev.litestream.nats.connection.NatsScheme;
import dev.litestream.nats.connection.NatsServers;
import org.jspecify.annotations.Nullable;

/**
 * A replica's address:
 * {@code nats://[user:password@]host[:port][,host:port...]/bucket[/path]}, or with
 * {@code tls://}, {@code ws://} or {@code wss://}. User name and password may hold
 * percent-encoded characters; a user part without a colon is a token. No message shows
 * them.
 *
 * @param scheme how the servers are spoken to
 * @param servers addresses as {@code host:port}
 * @param bucket name of the bucket
 * @param path prefix of all object names, or {@code null}
 * @param credentials those of the user part, or {@link NatsCredentials#NONE}
 */
public record NatsReplicaUrl(NatsScheme scheme, List<String> servers, String bucket, @Nullable String path,
		NatsCredentials credentials) {

	private static final String SOURCE = "The replica URL";

	private static final Pattern HTTP_LIKE = Pattern.compile("(?i)(https?|natss?|nats\\+tls|nats\\+ssl)://");

	/** A URL without its scheme, if it can be nothing else. */
	private static final Pattern NO_SCHEME = Pattern
		.compile("(?i)((nats|tls|wss?):/*.*|localhost[:/].*|[^/]*:[0-9]+/.*)");

	private static final Pattern BARE_IPV6 = Pattern.compile("(://)([0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f]*)(/|$)");

	/**
	 * Parses an address.
	 * @param url the address
	 * @return its parts
	 * @throws IllegalArgumentException if it cannot be used; the message says why, with
	 * the corrected form where it can be guessed
	 */
	public static NatsReplicaUrl parse(String url) {
		return parse(url, null);
	}

	/**
	 * Parses an address whose server part may be left out: {@code nats:///bucket}.
	 * @param url the address
	 * @param servers the servers if the address names none, such as the value of
	 * {@code NATS_URL}, or {@code null}
	 * @return its parts
	 * @throws IllegalArgumentException if it cannot be used; the message says why, with
	 * the corrected form where it can be guessed
	 */
	public static NatsReplicaUrl parse(String url, @Nullable String servers) {
		String text = url.strip();
		try {
			return parseStrictly(text, servers);
		}
		catch (IllegalArgumentException ex) {
			String guess = corrected(text, servers);
			if (guess == null) {
				throw ex;
			}
			throw new IllegalArgumentException(ex.getMessage() + "; " + guess + " may be meant");
		}
	}

	private static NatsReplicaUrl parseStrictly(String url, @Nullable String fallback) {
		NatsScheme scheme = NatsScheme.of(url);
		if (scheme == null) {
			throw refused("must begin with nats://, tls://, ws:// or wss://", "write nats://host:4222/bucket");
		}
		String rest = NatsServers.oneScheme(scheme, url.substring(scheme.prefix().length()), SOURCE);
		if (rest.indexOf('?') >= 0 || rest.indexOf('#') >= 0) {
			throw refused("must not hold '?' or '#'",
					"write them as %3F and %23 in a password, and give further settings as properties");
		}
		// a slash in a password has to be encoded; the @ before the path counts
		int slash = rest.indexOf('/');
		String authority = (slash < 0) ? rest : rest.substring(0, slash);
		String location = (slash < 0) ? "" : rest.substring(slash + 1);
		if (location.indexOf('@') >= 0) {
			throw refused("holds an '@' behind its first '/'", "write '/' as %2F in a user name or password");
		}
		NatsServers servers = (authority.isEmpty() && fallback != null) ? NatsServers.parse(fallback, "NATS_URL")
				: NatsServers.ofAuthority(scheme, authority, SOURCE);
		if (scheme != NatsScheme.NATS && servers.scheme() != scheme) {
			throw refused("begins with " + scheme.prefix() + " and the servers of NATS_URL are for "
					+ servers.scheme().prefix(), "write the same scheme in both");
		}
		int separator = location.indexOf('/');
		String bucket = (separator < 0) ? location : location.substring(0, separator);
		String path = (separator < 0) ? "" : location.substring(separator + 1);
		if (bucket.isEmpty()) {
			throw refused("names no bucket",
					"write " + servers.toString()
						.replace("://", (servers.credentials() == NatsCredentials.NONE) ? "://" : "://user:password@")
							+ "/bucket");
		}
		return new NatsReplicaUrl(servers.scheme(), servers.servers(), bucket, path.isEmpty() ? null : path,
				servers.credentials());
	}

	private static IllegalArgumentException refused(String fault, String cure) {
		return new IllegalArgumentException(SOURCE + " " + fault + ": " + cure);
	}

	/**
	 * What may be meant by an address that cannot be used: a usual slip undone, if that
	 * gives an address. A user part is masked, and an address that cannot be taken apart
	 * is not repeated.
	 * @param url the address
	 * @param servers the servers if the address names none, or {@code null}
	 * @return an address, or {@code null} if there is no guess
	 */
	public static @Nullable String corrected(String url, @Nullable String servers) {
		String candidate = url.replaceAll("\\s*[,;]\\s*", ",");
		if (NO_SCHEME.matcher(candidate).matches() && !candidate.contains("://")) {
			candidate = "nats://" + candidate.replaceFirst("(?i)^(nats|tls|wss?):/*", "");
		}
		if (!candidate.contains("://")) {
			return null;
		}
		candidate = HTTP_LIKE.matcher(candidate).replaceFirst("nats://");
		candidate = BARE_IPV6.matcher(candidate).replaceFirst("$1[$2]$3");
		int scheme = candidate.indexOf("://") + 3;
		candidate = candidate.substring(0, scheme) + candidate.substring(scheme).replaceAll("/{2,}", "/");
		if (candidate.equals(url)) {
			return null;
		}
		try {
			NatsReplicaUrl parsed = parseStrictly(candidate, servers);
			NatsNames.checkBucket(parsed.bucket());
			String text = parsed.toString();
			return (parsed.credentials() == NatsCredentials.NONE) ? text : text.replace("://", "://user:password@");
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Starts options for this address.
	 * @return a builder with the address's parts and defaults
	 */
	public NatsReplicaOptions.Builder toOptions() {
		return NatsReplicaOptions.builder(this.bucket)
			.scheme(this.scheme)
			.servers(this.servers)
			.path(this.path)
			.credentials(this.credentials);
	}

	@Override
	public String toString() {
		return this.scheme.prefix() + String.join(",", this.servers) + "/" + this.bucket
				+ ((this.path != null) ? "/" + this.path : "");
	}

}
