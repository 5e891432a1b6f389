package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

import dev.litestream.nats.connection.NatsScheme;
import dev.litestream.nats.connection.NatsTls;
import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * Turns the properties of one NATS replica into its TLS settings.
 */
final class NatsTlsFactory {

	private final PropertyKey key;

	private final ReplicaProperties properties;

	private final ReplicaEnvironment environment;

	NatsTlsFactory(PropertyKey key, ReplicaProperties properties, ReplicaEnvironment environment) {
		this.key = key;
		this.properties = properties;
		this.environment = environment;
	}

	/** The settings, their files checked. */
	NatsTls create(NatsScheme scheme) {
		List<Path> rootCas = this.properties.getRootCas().stream().map((file) -> path("root-cas", file)).toList();
		Path cert = optional("client-cert", this.properties.getClientCert());
		Path clientKey = optional("client-key", this.properties.getClientKey());
		if ((cert == null) != (clientKey == null)) {
			throw this.key.child((cert == null) ? "client-cert" : "client-key")
				.invalid("is missing", "Set both client-cert and client-key, or neither.");
		}
		String bundle = this.properties.getSsl().getBundle();
		boolean files = !rootCas.isEmpty() || cert != null;
		boolean first = this.properties.isTlsFirst();
		boolean skip = this.properties.isInsecureSkipHostNameVerification();
		boolean asked = files || StringUtils.hasText(bundle) || first || skip || scheme == NatsScheme.TLS
				|| scheme == NatsScheme.WSS;
		if (Boolean.FALSE.equals(this.properties.getTls()) && asked) {
			throw this.key.child("tls")
				.invalid("is false although the URL or other settings ask for TLS",
						"Remove it, or remove root-cas, client-cert, tls-first, ssl.bundle and the tls:// of the URL.");
		}
		if (!asked && !Boolean.TRUE.equals(this.properties.getTls())) {
			return NatsTls.NONE;
		}
		if (files && StringUtils.hasText(bundle)) {
			throw this.key.child("ssl.bundle")
				.invalid("is set beside root-cas or client-cert", "Keep the bundle or the files.");
		}
		NatsTls tls = new NatsTls(true, rootCas, cert, clientKey, first, skip, bundle(bundle));
		try {
			tls.check();
			return tls;
		}
		catch (ReplicaRefusedException ex) {
			throw this.key
				.child(StringUtils.hasText(bundle) ? "ssl.bundle" : (cert != null) ? "client-cert" : "root-cas")
				.invalid("cannot be used", ex.getMessage() + ".");
		}
	}

	private @Nullable Supplier<NatsTls.Managers> bundle(@Nullable String name) {
		if (!StringUtils.hasText(name)) {
			return null;
		}
		SslBundles bundles = this.environment.sslBundles().get();
		String cure = "Define spring.ssl.bundle.pem." + name + " or spring.ssl.bundle.jks." + name
				+ ", or correct the name.";
		if (bundles == null) {
			throw this.key.child("ssl.bundle").invalid("names an SSL bundle although there are none", cure);
		}
		try {
			// before the handler is added, so that a missing bundle is refused here
			bundles.getBundle(name);
			BundleReloads.announce(bundles, name);
			return new BundleManagers(bundles, name);
		}
		catch (NoSuchSslBundleException ex) {
			throw this.key.child("ssl.bundle").invalid("names an SSL bundle that does not exist", cure);
		}
	}

	private @Nullable Path optional(String name, @Nullable String value) {
		return StringUtils.hasText(value) ? path(name, value) : null;
	}

	private Path path(String name, String value) {
		return ConfiguredFile.of(this.key.child(name), value);
	}

}
