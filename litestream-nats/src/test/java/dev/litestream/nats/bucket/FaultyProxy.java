package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and nats-server and breaks the connection, once, when the
 * client sends a given text, or drops that text, or makes the connection slow.
 */
final class FaultyProxy implements AutoCloseable {

	private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

	private final int serverPort;

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final AtomicReference<@Nullable Rule> rule = new AtomicReference<>();

	private volatile long bytesPerSecond = Long.MAX_VALUE;

	FaultyProxy(int serverPort) throws IOException {
		this.serverPort = serverPort;
		thread(this::accept);
	}

	String url(String bucket) {
		return "nats://127.0.0.1:" + this.listener.getLocalPort() + "/" + bucket;
	}

	/**
	 * Lets a fault happen once.
	 * @param text what the client sends
	 * @param fault what happens then
	 */
	void when(String text, Fault fault) {
		this.rule.set(new Rule(text, fault, () -> {
		}));
	}

	/**
	 * Lets something happen once, after all that the client sent before a message, and
	 * before that message.
	 * @param text in the message
	 * @param happening what happens
	 */
	void before(String text, Runnable happening) {
		this.rule.set(new Rule(text, null, happening));
	}

	/**
	 * Lets no more than so many bytes through, each way.
	 * @param bytes how many in a second
	 */
	void limit(long bytes) {
		this.bytesPerSecond = bytes;
	}

	boolean hasHappened() {
		return this.rule.get() == null;
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				Socket server = new Socket(InetAddress.getLoopbackAddress(), this.serverPort);
				client.setTcpNoDelay(true);
				server.setTcpNoDelay(true);
				this.sockets.addAll(List.of(client, server));
				Link link = new Link(client, server);
				thread(() -> link.pump(client, server, true));
				thread(() -> link.pump(server, client, false));
			}
			catch (IOException ex) {
				// closed, or the server is down: the client's next attempt shows
			}
		}
	}

	private static void thread(Runnable task) {
		Thread thread = new Thread(task, "faulty-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	/** What happens to the text and the connection. */
	enum Fault {

		/** The server never sees the text. */
		SWALLOW,

		/** The server never sees the message with the text; the connection stays. */
		DROP,

		/** The server sees the text; its answer is lost. */
		LOSE_ANSWER,

		/** The server sees the text; the connection stays and no answer comes. */
		SILENCE

	}

	private record Rule(String text, @Nullable Fault fault, Runnable happening) {

	}

	private final class Link {

		private final Socket client;

		private final Socket server;

		private volatile boolean silent;

		Link(Socket client, Socket server) {
			this.client = client;
			this.server = server;
		}

		void pump(Socket from, Socket to, boolean requests) {
			byte[] buffer = new byte[64 * 1024];
			String tail = "";
			try {
				InputStream in = from.getInputStream();
				OutputStream out = to.getOutputStream();
				for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
					LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(count) / FaultyProxy.this.bytesPerSecond);
					Rule current = requests ? FaultyProxy.this.rule.get() : null;
					if (current != null) {
						String seen = tail + new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
						tail = seen.substring(Math.max(0, seen.length() - 300));
						if (seen.contains(current.text) && FaultyProxy.this.rule.compareAndSet(current, null)) {
							if (current.fault == Fault.SWALLOW) {
								break;
							}
							if (current.fault == null) {
								int start = start(current.text, buffer, count);
								out.write(buffer, 0, start);
								current.happening.run();
								out.write(buffer, start, count - start);
								continue;
							}
							if (current.fault == Fault.DROP) {
								out.write(without(current.text, buffer, count));
								continue;
							}
							this.silent = true;
							out.write(buffer, 0, count);
							if (current.fault == Fault.LOSE_ANSWER) {
								// until the server is certain to have read it
								awaitAnswer();
								break;
							}
							continue;
						}
					}
					if (requests || !this.silent) {
						out.write(buffer, 0, count);
					}
					else {
						answered();
					}
				}
			}
			catch (IOException ex) {
				// the end of the connection, passed on below
			}
			closeQuietly(this.client);
			closeQuietly(this.server);
		}

		/** Leaves a message out, and nothing that was sent before or behind it. */
		private byte[] without(String text, byte[] buffer, int count) {
			String seen = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
			int found = seen.indexOf(text);
			int start = start(text, buffer, count);
			int content = seen.indexOf('\n', found) + 1;
			String size = seen.substring(seen.lastIndexOf(' ', content) + 1, content).strip();
			int end = content + Integer.parseInt(size) + 2;
			return (seen.substring(0, start) + seen.substring(end)).getBytes(StandardCharsets.ISO_8859_1);
		}

		/** Where a message begins. */
		private int start(String text, byte[] buffer, int count) {
			String seen = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
			return seen.lastIndexOf('\n', seen.indexOf(text)) + 1;
		}

		private boolean hasAnswer;

		private synchronized void answered() {
			this.hasAnswer = true;
			notifyAll();
		}

		private synchronized void awaitAnswer() {
			try {
				while (!this.hasAnswer) {
					wait();
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private void closeQuietly(Socket socket) {
			try {
				socket.close();
			}
			catch (IOException ex) {
				// closed already
			}
		}

	}

}
