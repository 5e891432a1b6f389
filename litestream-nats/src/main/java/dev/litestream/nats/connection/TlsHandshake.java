package dev.litestream.nats.connection;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;

/**
 * TLS on one connection: trust and keys as they are at that moment, the host name
 * verified, and a sentence for each way in which it fails. Sessions are not resumed, so
 * that each connection proves itself anew.
 */
final class TlsHandshake {

	private final NatsTls tls;

	private final String server;

	private final ServerTrust trust;

	private final ClientIdentity identity;

	private final SSLContext context;

	private final List<String> protocols;

	private final List<String> ciphers;

	/**
	 * Prepares a handshake with a server whose certificate has to be for {@code host}.
	 */
	TlsHandshake(NatsTls tls, String host, String address) throws ReplicaRefusedException {
		this.tls = tls;
		this.server = "the NATS server at " + address;
		NatsTls.Managers managers = tls.managers();
		this.trust = new ServerTrust(managers.trust(), tls, host, this.server);
		this.identity = new ClientIdentity(managers.keys());
		this.protocols = managers.protocols();
		this.ciphers = managers.ciphers();
		try {
			this.context = SSLContext.getInstance("TLS");
			this.context.init(new KeyManager[] { this.identity }, new TrustManager[] { this.trust }, null);
		}
		catch (GeneralSecurityException ex) {
			throw new ReplicaRefusedException("This JDK cannot speak TLS with these settings", ex);
		}
		SSLParameters supported = this.context.getSupportedSSLParameters();
		requireSupported("version of TLS", this.protocols, supported.getProtocols());
		requireSupported("cipher suite", this.ciphers, supported.getCipherSuites());
	}

	private static void requireSupported(String what, List<String> wanted, String[] supported)
			throws ReplicaRefusedException {
		for (String name : wanted) {
			if (!Arrays.asList(supported).contains(name)) {
				throw new ReplicaRefusedException("The SSL bundle of litestream.replica.ssl.bundle names the " + what
						+ " '" + name + "', which this JDK does not have: correct the options of the bundle");
			}
		}
	}

	/**
	 * A context that verifies as this handshake does, for the client library, which
	 * otherwise would not know that there is TLS.
	 */
	SSLContext context() {
		return this.context;
	}

	/** Puts TLS on a socket. */
	SSLSocket secure(Socket socket, String host, int port, Duration timeout) throws IOException {
		SSLSocket secure = (SSLSocket) this.context.getSocketFactory().createSocket(socket, host, port, true);
		secure.setUseClientMode(true);
		SSLParameters parameters = secure.getSSLParameters();
		if (!this.protocols.isEmpty()) {
			parameters.setProtocols(this.protocols.toArray(String[]::new));
		}
		if (!this.ciphers.isEmpty()) {
			parameters.setCipherSuites(this.ciphers.toArray(String[]::new));
		}
		if (!this.tls.skipHostNameVerification()) {
			parameters.setEndpointIdentificationAlgorithm(ServerTrust.HOST_NAMES);
		}
		secure.setSSLParameters(parameters);
		int before = socket.getSoTimeout();
		try {
			secure.setSoTimeout(Math.toIntExact(Math.min(timeout.toMillis(), Integer.MAX_VALUE)));
			secure.startHandshake();
			secure.setSoTimeout(before);
			return secure;
		}
		catch (IOException ex) {
			throw failure(ex);
		}
	}

	private IOException failure(IOException ex) {
		String refusal = this.trust.refusal();
		if (refusal != null) {
			return new ReplicaRefusedException(refusal, ex);
		}
		if (this.identity.isRequested()) {
			return refusedIdentity(ex);
		}
		if (ex instanceof SocketTimeoutException) {
			return new ReplicaUnavailableException(capital(this.server)
					+ " did not answer to TLS in time; raise litestream.replica.timeout if it is far away", ex);
		}
		if (this.tls.first()) {
			return new ReplicaRefusedException(capital(this.server) + " does not begin with TLS: remove"
					+ " litestream.replica.tls-first, or set handshake_first in the server's tls block", ex);
		}
		if (ex instanceof SSLException) {
			return new ReplicaRefusedException(capital(this.server)
					+ " and this JDK cannot agree on TLS, or there is no TLS at this port: " + ex.getMessage(), ex);
		}
		return new ReplicaUnavailableException(capital(this.server) + " broke the TLS handshake off", ex);
	}

	/**
	 * Whether a connection that ends without a word from the server has to do with our
	 * certificate: since TLS 1.3 a server looks at it after the client's handshake.
	 */
	boolean mayBeRefused() {
		return this.identity.isRequested();
	}

	/**
	 * What it means that the server ended the connection after asking for a certificate.
	 */
	ReplicaRefusedException refusedIdentity(IOException cause) {
		X509Certificate shown = this.identity.shown();
		if (shown == null) {
			return new ReplicaRefusedException(capital(this.server)
					+ " asks for a client certificate and there is none:"
					+ " set litestream.replica.client-cert and litestream.replica.client-key, or an SSL bundle with a key store",
					cause);
		}
		Instant end = shown.getNotAfter().toInstant();
		return new ReplicaRefusedException(
				capital(this.server) + " refuses the client certificate of '" + shown.getSubjectX500Principal() + "'"
						+ (end.isBefore(Instant.now()) ? ", which expired on " + end + ": renew it"
								: ", issued by '" + shown.getIssuerX500Principal()
										+ "': have it issued by a CA that the server's ca_file names, for client use"),
				cause);
	}

	private static String capital(String sentence) {
		return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
	}

}
