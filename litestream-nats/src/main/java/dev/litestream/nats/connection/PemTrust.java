package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

import dev.litestream.replica.ReplicaRefusedException;

/**
 * Trust in the CAs of PEM files.
 */
final class PemTrust {

	private PemTrust() {
	}

	/** Trusts the CAs in these files; without files, those of the JDK. */
	static TrustManager[] read(List<Path> files) throws ReplicaRefusedException {
		try {
			KeyStore store = null;
			if (!files.isEmpty()) {
				store = KeyStore.getInstance("PKCS12");
				store.load(null, null);
				for (Path file : files) {
					for (X509Certificate certificate : PemFile.read(file).certificates()) {
						store.setCertificateEntry("ca-" + store.size(), certificate);
					}
				}
			}
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init(store);
			return factory.getTrustManagers();
		}
		catch (ReplicaRefusedException ex) {
			throw ex;
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new ReplicaRefusedException("The CAs of litestream.replica.root-cas cannot be used by this JDK", ex);
		}
	}

}
