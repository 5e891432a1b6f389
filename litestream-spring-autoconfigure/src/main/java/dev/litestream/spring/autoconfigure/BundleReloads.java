package dev.litestream.spring.autoconfigure;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ssl.SslBundles;

/**
 * Tells of bundles that were reloaded, once for each bundle: a handler cannot be taken
 * back, and replicas come and go. Thread-safe.
 */
final class BundleReloads {

	private static final Logger logger = LoggerFactory.getLogger(BundleReloads.class);

	private static final Map<SslBundles, Set<String>> announced = Collections.synchronizedMap(new WeakHashMap<>());

	private BundleReloads() {
	}

	/** Logs reloads of a bundle from now on, unless that is done already. */
	static void announce(SslBundles bundles, String name) {
		if (announced.computeIfAbsent(bundles, (added) -> ConcurrentHashMap.newKeySet()).add(name)) {
			bundles.addBundleUpdateHandler(name, (bundle) -> logger
				.info("SSL bundle '{}' was reloaded: NATS connections use it from their next start on", name));
		}
	}

}
