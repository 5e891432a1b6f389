package dev.litestream.nats.connection;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

import javax.net.ssl.KeyManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;

import org.jspecify.annotations.Nullable;

/**
 * Our certificate, if there is one, and whether the server asked for it. It is shown
 * whatever CAs the server names: the server decides, and its refusal can be told from a
 * missing certificate.
 */
final class ClientIdentity extends X509ExtendedKeyManager {

	private final @Nullable X509KeyManager delegate;

	private volatile boolean requested;

	private volatile @Nullable X509Certificate shown;

	ClientIdentity(KeyManager[] managers) {
		X509KeyManager found = null;
		for (KeyManager manager : managers) {
			if (found == null && manager instanceof X509KeyManager keys) {
				found = keys;
			}
		}
		this.delegate = found;
	}

	/** Whether the server asked for a certificate. */
	boolean isRequested() {
		return this.requested;
	}

	/**
	 * The certificate that was shown to the server, or {@code null} if there is none.
	 */
	@Nullable X509Certificate shown() {
		return this.shown;
	}

	@Override
	public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers,
			@Nullable Socket socket) {
		this.requested = true;
		if (this.delegate == null) {
			return null;
		}
		String alias = this.delegate.chooseClientAlias(keyTypes, issuers, socket);
		return (alias != null) ? alias : this.delegate.chooseClientAlias(keyTypes, null, socket);
	}

	@Override
	public X509Certificate @Nullable [] getCertificateChain(String alias) {
		X509Certificate[] chain = (this.delegate != null) ? this.delegate.getCertificateChain(alias) : null;
		if (chain != null && chain.length > 0) {
			this.shown = chain[0];
		}
		return chain;
	}

	@Override
	public @Nullable PrivateKey getPrivateKey(String alias) {
		return (this.delegate != null) ? this.delegate.getPrivateKey(alias) : null;
	}

	@Override
	public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
		return (this.delegate != null) ? this.delegate.getClientAliases(keyType, issuers) : null;
	}

	@Override
	public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
		return null;
	}

	@Override
	public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
		return null;
	}

}
