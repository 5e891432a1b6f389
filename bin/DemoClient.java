import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What bin/demo needs of HTTP, so that it needs nothing but a JDK. Prints its answer on
 * standard output; ends with 1 and a sentence on standard error if it does not get one.
 */
public final class DemoClient {

	private static final String[][] CUSTOMERS = { { "Freya Lindqvist", "Malmö" }, { "Marek Wójcik", "Gdańsk" },
			{ "Café Nordlicht", "Kiel" }, { "Saoirse Byrne", "Galway" }, { "Luca Moretti", "Trieste" } };

	private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

	private DemoClient() {
	}

	public static void main(String[] args) throws Exception {
		try {
			switch (args[0]) {
				case "port" -> System.out.println(freePort(Integer.parseInt(args[1])));
				case "wait" -> waitFor(args[1], Long.parseLong(args[2]));
				case "synced" -> System.out.println(awaitSynced(args[1]));
				case "orders" -> placeOrders(args[1], Integer.parseInt(args[2]));
				case "get" -> System.out.println(get(args[1]));
				case "show" -> System.out.println(indent(get(args[1])));
				default -> throw new IOException("Unknown command " + args[0]);
			}
		}
		catch (IOException ex) {
			System.err.println((ex.getMessage() != null) ? ex.getMessage() : ex.toString());
			System.exit(1);
		}
	}

	/** The preferred port of 127.0.0.1, or any other if that is taken. */
	private static int freePort(int preferred) throws IOException {
		try (ServerSocket socket = new ServerSocket(preferred, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
		}
	}

	/** Waits until a URL answers with 200, for two minutes or until a process ends. */
	private static void waitFor(String url, long pid) throws Exception {
		long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
		while (System.nanoTime() < end) {
			try {
				get(url);
				return;
			}
			catch (IOException ex) {
				if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
					throw new IOException("The application ended instead of starting");
				}
				Thread.sleep(50);
			}
		}
		throw new IOException("No answer from " + url + " in two minutes");
	}

	/** Waits until the replica has every commit and says up to which TXID. */
	private static String awaitSynced(String base) throws Exception {
		String status = "";
		long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
		while (System.nanoTime() < end) {
			status = get(base + "/replication");
			if (status.contains("\"inSync\":true")) {
				return status.replaceFirst("(?s).*\"replicatedTxid\":\"([0-9a-f]+)\".*", "$1");
			}
			Thread.sleep(20);
		}
		throw new IOException("The replica did not get every commit in 30 seconds: " + status);
	}

	/** Fills in the page's form a number of times. */
	private static void placeOrders(String base, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			String[] customer = CUSTOMERS[i % CUSTOMERS.length];
			Map<String, String> form = new TreeMap<>();
			form.put("customer", customer[0]);
			form.put("town", customer[1]);
			form.put("coffee", String.valueOf(1 + i % 6));
			form.put("bags", String.valueOf(1 + i % 5));
			form.put("note", "Order " + (i + 1) + " of the demonstration");
			post(base + "/orders", form);
		}
	}

	private static String get(String url) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(url)).GET(), 200);
	}

	private static void post(String url, Map<String, String> form) throws IOException, InterruptedException {
		String body = form.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		send(HttpRequest.newBuilder(URI.create(url))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(body)), 302);
	}

	private static String send(HttpRequest.Builder request, int expected) throws IOException, InterruptedException {
		HttpResponse<String> response = HTTP.send(request.timeout(Duration.ofSeconds(30)).build(),
				HttpResponse.BodyHandlers.ofString());
		if (response.statusCode() != expected) {
			throw new IOException(response.request().method() + " " + response.uri() + " answered "
					+ response.statusCode() + ": " + response.body());
		}
		return response.body();
	}

	/** Sets JSON in lines: one per member. */
	private static String indent(String json) {
		StringBuilder out = new StringBuilder();
		int depth = 0;
		boolean text = false;
		for (int i = 0; i < json.length(); i++) {
			char c = json.charAt(i);
			if (c == '"' && (i == 0 || json.charAt(i - 1) != '\\')) {
				text = !text;
			}
			if (!text && (c == '}' || c == ']')) {
				line(out, --depth);
			}
			out.append(c);
			if (!text && (c == '{' || c == '[')) {
				line(out, ++depth);
			}
			else if (!text && c == ',') {
				line(out, depth);
			}
			else if (!text && c == ':') {
				out.append(' ');
			}
		}
		return out.toString();
	}

	private static void line(StringBuilder out, int depth) {
		out.append('\n').append("  ".repeat(depth));
	}

}
