package dev.litestream.nats.connection;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSocket;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Options;
import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import org.jspecify.annotations.Nullable;

/**
 * The NATS client library's socket with our TLS, which verifies host names, reads renewed
 * certificates, and says why a connection could not be made. Public only because the
 * library makes it, by its name.
 */
public final class NatsDataPort extends SocketDataPortWithWriteTimeout {

	/** A server that is going down ends connections sooner. */
	private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private @Nullable ConnectionEvents events;

	private Options options = new Options.Builder().build();

	private final long begun = System.nanoTime();

	private @Nullable TlsHandshake handshake;

	/** Whether the server has sent anything, since TLS began if there is TLS. */
	private volatile boolean heard;

	private volatile boolean spoken;

	/**
	 * Called by the library.
	 */
	public NatsDataPort() {
	}

	@Override
	public void afterConstruct(Options options) {
		super.afterConstruct(options);
		this.options = options;
		this.events = (options.getErrorListener() instanceof ConnectionEvents listener) ? listener : null;
	}

	@Override
	public void upgradeToSecure() throws IOException {
		ConnectionEvents listener = this.events;
		if (listener == null) {
			throw new IOException("This port is for the connections of Litestream alone");
		}
		try {
			String name = listener.verifiedName(withoutBrackets(this.host));
			this.handshake = new TlsHandshake(listener.tls(), name, this.host + ":" + this.port);
			SSLSocket secure = this.handshake.secure(this.socket, name, this.port, this.options.getConnectionTimeout());
			this.socket = secure;
			this.in = secure.getInputStream();
			this.out = secure.getOutputStream();
			this.isSecure = true;
			this.heard = false;
		}
		catch (ReplicaRefusedException | ReplicaUnavailableException ex) {
			listener.failed(ex);
			throw ex;
		}
	}

	@Override
	public int read(byte[] target, int offset, int length) throws IOException {
		try {
			int count = super.read(target, offset, length);
			if (count > 0) {
				this.heard = true;
			}
			else if (count < 0) {
				ended(new EOFException("The server closed the connection"));
			}
			return count;
		}
		catch (IOException ex) {
			ended(ex);
			throw ex;
		}
	}

	private void ended(IOException how) {
		TlsHandshake current = this.handshake;
		if (!this.heard && current != null && current.mayBeRefused() && this.events != null) {
			this.events.refused(current.refusedIdentity(how));
		}
	}

	@Override
	public void write(byte[] source, int length) throws IOException {
		this.spoken = true;
		super.write(source, length);
	}

	/**
	 * Also ends an attempt that came to nothing. If neither side has gone on after the
	 * server's first word, they differ about TLS.
	 */
	@Override
	public void close() throws IOException {
		if (!this.spoken && this.handshake == null && this.events != null) {
			String server = "The NATS server at " + this.host + ":" + this.port;
			if (!this.heard) {
				if (System.nanoTime() - this.begun > SILENCE_NANOS) {
					this.events.failed(new ReplicaUnavailableException(server + " takes connections and stays silent:"
							+ " if it expects TLS immediately (handshake_first), set litestream.replica.tls-first=true; if it expects"
							+ " WebSocket, write ws:// or wss://"));
				}
			}
			else if (this.options.isTLSRequired()) {
				this.events.failed(new ReplicaRefusedException(server + " offers no TLS: add a tls block to its"
						+ " configuration, or remove the TLS settings and write nats://"));
			}
			else {
				this.events.failed(new ReplicaRefusedException(server
						+ " requires TLS: set litestream.replica.tls=true or write"
						+ " tls://, with litestream.replica.root-cas unless a public CA issued its certificate"));
			}
		}
		super.close();
	}

	private static String withoutBrackets(String host) {
		return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
	}

}
