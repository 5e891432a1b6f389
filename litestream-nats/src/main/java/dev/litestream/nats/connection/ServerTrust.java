package dev.litestream.nats.connection;

import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import org.jspecify.annotations.Nullable;

/**
 * Decides on a server's certificate as the JDK does, and says in a sentence why it is
 * refused. Insists on a socket that verifies the host name, since the NATS client library
 * does not verify it by itself.
 */
final class ServerTrust extends X509ExtendedTrustManager {

	/** Names the check of host names that RFC 2818 describes; NATS uses the same. */
	static final String HOST_NAMES = "HTTPS";

	private static final int DNS_NAME = 2;

	private static final int IP_ADDRESS = 7;

	private final X509ExtendedTrustManager delegate;

	private final NatsTls tls;

	private final String host;

	private final String server;

	private @Nullable String refusal;

	/** The trust of one connection, for a certificate of this host. */
	ServerTrust(TrustManager[] managers, NatsTls tls, String host, String server) {
		this.delegate = extended(managers);
		this.tls = tls;
		this.host = host;
		this.server = server;
	}

	private static X509ExtendedTrustManager extended(TrustManager[] managers) {
		for (TrustManager manager : managers) {
			if (manager instanceof X509ExtendedTrustManager extended) {
				return extended;
			}
		}
		throw new IllegalStateException("The TLS settings hold no trust manager that can verify host names");
	}

	/**
	 * Why the certificate was refused, as a sentence, or {@code null} if it was not.
	 */
	@Nullable String refusal() {
		return this.refusal;
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
			throws CertificateException {
		if (!this.tls.skipHostNameVerification() && !(socket instanceof SSLSocket secure
				&& HOST_NAMES.equals(secure.getSSLParameters().getEndpointIdentificationAlgorithm()))) {
			throw new CertificateException("The host name would not be verified");
		}
		try {
			this.delegate.checkServerTrusted(chain, authType, socket);
		}
		catch (CertificateException ex) {
			this.refusal = "The certificate of " + this.server + " " + fault(chain, authType, ex);
			throw ex;
		}
	}

	private String fault(X509Certificate[] chain, String authType, CertificateException failure) {
		for (X509Certificate certificate : chain) {
			try {
				certificate.checkValidity();
			}
			catch (CertificateExpiredException ex) {
				return ((certificate == chain[0]) ? "expired on "
						: "was issued by '" + certificate.getSubjectX500Principal() + "', which expired on ")
						+ certificate.getNotAfter().toInstant() + ": renew it";
			}
			catch (CertificateNotYetValidException ex) {
				return "is valid from " + certificate.getNotBefore().toInstant()
						+ " only: set the clock of this machine or of the one that issued it";
			}
		}
		if (isTrusted(chain, authType)) {
			return "is for " + names(chain[0]) + " and not for " + this.host + (this.server.contains(this.host)
					? ": connect by a name that it is for, or have one issued for this name"
					: ": a server that the cluster names, and your URL does not, has to prove this name. Add it to the"
							+ " servers of the URL, or have a certificate issued that is for this name too");
		}
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof CertPathBuilderException) {
				return "was not issued by a CA " + this.tls.trustSource() + ", but by '"
						+ chain[chain.length - 1].getIssuerX500Principal() + "': "
						+ (this.tls.rootCas().isEmpty() && this.tls.bundle() == null
								? "name the file of that CA in litestream.replica.root-cas" : "add that CA there");
			}
		}
		return "cannot be trusted: " + failure.getMessage();
	}

	/** Whether all but the host name is right. */
	private boolean isTrusted(X509Certificate[] chain, String authType) {
		try {
			this.delegate.checkServerTrusted(chain, authType);
			return true;
		}
		catch (CertificateException ex) {
			return false;
		}
	}

	private static String names(X509Certificate certificate) {
		List<String> names = new ArrayList<>();
		try {
			Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
			for (List<?> name : (alternatives != null) ? alternatives : List.<List<?>>of()) {
				if (name.get(0).equals(DNS_NAME) || name.get(0).equals(IP_ADDRESS)) {
					names.add(String.valueOf(name.get(1)));
				}
			}
		}
		catch (CertificateParsingException ex) {
			// as if it had none
		}
		return names.isEmpty() ? "no host at all" : String.join(", ", names);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
			throws CertificateException {
		throw new CertificateException("Only sockets are supported");
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
		throw new CertificateException("The host name would not be verified");
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
			throws CertificateException {
		throw new CertificateException("A client does not take connections");
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
			throws CertificateException {
		throw new CertificateException("A client does not take connections");
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
		throw new CertificateException("A client does not take connections");
	}

	@Override
	public X509Certificate[] getAcceptedIssuers() {
		return this.delegate.getAcceptedIssuers();
	}

}
