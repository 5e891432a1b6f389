package dev.litestream.spring.autoconfigure;

import java.util.function.Supplier;

import dev.litestream.nats.NatsTls;

import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;

/**
 * Trust and keys of an SSL bundle as it is when a connection is made, so that a reload
 * counts from the next connection on.
 *
 * @param bundles the bundles
 * @param name the bundle's name
 */
record BundleManagers(SslBundles bundles, String name) implements Supplier<NatsTls.Managers> {

	@Override
	public NatsTls.Managers get() {
		SslManagerBundle managers = this.bundles.getBundle(this.name).getManagers();
		return new NatsTls.Managers(managers.getTrustManagers(), managers.getKeyManagers());
	}

}
