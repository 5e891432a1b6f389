package dev.litestream.spring.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import dev.litestream.nats.connection.NatsTls;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;

/**
 * Trust and keys of an SSL bundle as it is when a connection is made, so that a reload
 * counts from the next connection on.
 */
record BundleManagers(SslBundles bundles, String name) implements Supplier<NatsTls.Managers> {

	@Override
	public NatsTls.Managers get() {
		return of(this.bundles.getBundle(this.name));
	}

	/** What TLS is made of, as a bundle has it. */
	static NatsTls.Managers of(SslBundle bundle) {
		SslManagerBundle managers = bundle.getManagers();
		return new NatsTls.Managers(managers.getTrustManagers(), managers.getKeyManagers(), protocols(bundle),
				list(bundle.getOptions().getCiphers()));
	}

	private static List<String> protocols(SslBundle bundle) {
		List<String> enabled = list(bundle.getOptions().getEnabledProtocols());
		// a protocol such as TLSv1.2 stands for that version, TLS for all
		return (enabled.isEmpty() && bundle.getProtocol().contains(".")) ? List.of(bundle.getProtocol()) : enabled;
	}

	private static List<String> list(String @Nullable [] names) {
		return (names != null) ? List.of(names) : List.of();
	}

}
