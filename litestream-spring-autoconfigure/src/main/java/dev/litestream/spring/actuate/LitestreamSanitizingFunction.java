package dev.litestream.spring.actuate;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * {@link SanitizingFunction} that keeps secrets of Litestream out of the endpoints
 * {@code configprops} and {@code env}, also where these show all values:
 * <ol>
 * <li>the value of each key below {@code litestream} that is named after a secret;</li>
 * <li>what stands before the {@code @} of a URL, of which the rest is shown;</li>
 * <li>whatever value repeats one of these secrets under another name: the variable that a
 * placeholder refers to, a command line, {@code SPRING_APPLICATION_JSON}.</li>
 * </ol>
 * Thread-safe.
 */
public class LitestreamSanitizingFunction implements SanitizingFunction {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("litestream");

	/** Last elements of keys. Those of files hold paths, and an NKey is public. */
	private static final Set<String> SECRETS = Set.of("password", "token", "jwt", "seed");

	/** The product refuses a URL that has an at-sign behind the user information. */
	private static final Pattern USER = Pattern.compile("://(\\S*)@");

	private static final Pattern USER_OF_NATS = Pattern.compile("(?i)(?<=\\b(nats|tls|ws|wss))://(\\S*)@");

	/** Shorter ones would be found in values that have nothing to do with them. */
	private static final int FINDABLE = 4;

	private final Environment environment;

	private volatile @Nullable Set<String> secrets;

	/**
	 * Creates a function.
	 * @param environment holds the secrets
	 */
	public LitestreamSanitizingFunction(Environment environment) {
		this.environment = environment;
	}

	@Override
	public SanitizableData apply(SanitizableData data) {
		Object value = data.getValue();
		if (value == null) {
			return data;
		}
		boolean ours = isOurs(data.getKey());
		if (ours && SECRETS.contains(lastElement(data.getKey()))) {
			return data.withSanitizedValue();
		}
		String text = value.toString();
		String masked = (ours ? USER : USER_OF_NATS).matcher(text)
			.replaceAll("://" + SanitizableData.SANITIZED_VALUE.replace("*", "\\*") + "@");
		if (secrets().stream().anyMatch(masked::contains)) {
			return data.withSanitizedValue();
		}
		return masked.equals(text) ? data : data.withValue(masked);
	}

	private static boolean isOurs(String key) {
		return key.toLowerCase(Locale.ROOT).startsWith("litestream");
	}

	/** Of a key in any form: dashed, of a Java property, or of a variable. */
	private static String lastElement(String key) {
		return key.replaceFirst("^.*[._\\[\\]]", "").toLowerCase(Locale.ROOT);
	}

	// The environment of a running application stays as it is.
	private Set<String> secrets() {
		Set<String> secrets = this.secrets;
		if (secrets == null) {
			secrets = findSecrets();
			this.secrets = secrets;
		}
		return secrets;
	}

	private Set<String> findSecrets() {
		Set<String> secrets = new HashSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter(ROOT::isAncestorOf)
					.forEach((name) -> addSecrets(source.getConfigurationProperty(name), secrets));
			}
		}
		addUser(this.environment.getProperty("NATS_URL", ""), secrets);
		secrets.removeIf((secret) -> secret.length() < FINDABLE);
		return secrets;
	}

	private void addSecrets(@Nullable ConfigurationProperty property, Set<String> secrets) {
		if (property == null || property.getValue() == null) {
			return;
		}
		// a password of digits is a number in YAML
		String text = this.environment.resolvePlaceholders(property.getValue().toString());
		if (SECRETS.contains(lastElement(property.getName().toString()))) {
			secrets.add(text);
		}
		else {
			addUser(text, secrets);
		}
	}

	/** What a URL has before its at-sign: all behind the colon, or a token. */
	private static void addUser(String url, Set<String> secrets) {
		Matcher user = USER.matcher(url);
		while (user.find()) {
			String text = user.group(1);
			String secret = text.substring(text.indexOf(':') + 1);
			secrets.add(secret);
			try {
				secrets.add(URLDecoder.decode(secret.replace("+", "%2B"), StandardCharsets.UTF_8));
			}
			catch (IllegalArgumentException ex) {
				// not encoded: it stands there as it is
			}
		}
	}

}
