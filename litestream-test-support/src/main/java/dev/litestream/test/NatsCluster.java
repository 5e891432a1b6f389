package dev.litestream.test;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Three real nats-servers of one JetStream cluster, named {@code n1} to {@code n3}, to be
 * stopped, killed, paused and restarted one by one. Needs the program itself: containers
 * would not reach each other on 127.0.0.1. Not thread-safe.
 */
public final class NatsCluster implements AutoCloseable {

	private static final int SIZE = 3;

	private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

	private final Map<String, NatsServer> servers = new LinkedHashMap<>();

	private final HttpClient http = HttpClient.newHttpClient();

	private NatsCluster() {
	}

	/**
	 * Starts three servers.
	 * @return the cluster, able to create streams of three replicas
	 */
	public static NatsCluster start() {
		return start("");
	}

	/**
	 * Starts three servers with additional settings.
	 * @param config lines in nats-server's format, for each of them
	 * @return the cluster, able to create streams of three replicas
	 */
	public static NatsCluster start(String config) {
		if (Tools.findNatsServer().isEmpty()) {
			throw new IllegalStateException(Tools.missing(Tools.Tool.NATS_SERVER));
		}
		int[] ports = IntStream.range(0, SIZE).map((i) -> NatsServer.Builder.freePort()).toArray();
		String routes = IntStream.of(ports)
			.mapToObj((port) -> "\"nats://127.0.0.1:" + port + "\"")
			.collect(Collectors.joining(", "));
		NatsCluster cluster = new NatsCluster();
		try {
			for (int i = 0; i < SIZE; i++) {
				String name = "n" + (i + 1);
				cluster.servers.put(name, NatsServer.builder().monitor().config(String.format(Locale.ROOT, """
						server_name: %s
						server_tags: [ "zone:%s" ]
						cluster { name: test, listen: "127.0.0.1:%d", routes: [ %s ] }
						""", name, name, ports[i], routes)).config(config).start());
			}
			cluster.awaitReady();
			return cluster;
		}
		catch (RuntimeException ex) {
			cluster.close();
			throw ex;
		}
	}

	/**
	 * All servers.
	 * @return three, running or not
	 */
	public List<NatsServer> servers() {
		return new ArrayList<>(this.servers.values());
	}

	/**
	 * A server by the name that JetStream shows, for example as the leader of a stream.
	 * @param name {@code n1} to {@code n3}
	 * @return the server
	 */
	public NatsServer server(String name) {
		NatsServer server = this.servers.get(name);
		if (server == null) {
			throw new IllegalArgumentException("There is no server " + name + " among " + this.servers.keySet());
		}
		return server;
	}

	/**
	 * The servers other than one.
	 * @param name {@code n1} to {@code n3}
	 * @return the two others
	 */
	public List<NatsServer> others(String name) {
		List<NatsServer> others = servers();
		others.remove(server(name));
		return others;
	}

	/**
	 * The address of a bucket with all three servers.
	 * @param bucket the bucket's name
	 * @return {@code nats://127.0.0.1:p1,127.0.0.1:p2,127.0.0.1:p3/bucket}
	 */
	public String url(String bucket) {
		return "nats://"
				+ servers().stream().map((server) -> "127.0.0.1:" + server.port()).collect(Collectors.joining(","))
				+ "/" + bucket;
	}

	/**
	 * Waits until each server runs and has caught up with the others.
	 */
	public void awaitReady() {
		for (NatsServer server : servers()) {
			awaitReady(server);
		}
	}

	/**
	 * Waits until a server has caught up with the others.
	 * @param server one of the cluster's
	 */
	public void awaitReady(NatsServer server) {
		long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
		String answer = "";
		while (!(answer = health(server)).startsWith("200")) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException(String.format(Locale.ROOT,
						"A server of the cluster is not ready (%s) and logged:%n%s", answer, server.log()));
			}
			LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
		}
	}

	private String health(NatsServer server) {
		try {
			var answer = this.http.send(HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/healthz"))
				.timeout(Duration.ofSeconds(5))
				.build(), BodyHandlers.ofString());
			return answer.statusCode() + " " + answer.body();
		}
		catch (IOException ex) {
			return ex.toString();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for a cluster", ex);
		}
	}

	/** Ends the servers and deletes their stores. */
	@Override
	public void close() {
		this.servers.values().forEach(NatsServer::close);
	}

}
