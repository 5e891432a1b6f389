package dev.litestream.sample;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The application as a user starts it, on a free port, seen through HTTP.
 */
final class RunningShop implements AutoCloseable {

	private final HttpClient http = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext context;

	private RunningShop(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/** Starts it, with its backup beside its data, and waits until it answers. */
	static RunningShop start(Path data, String... arguments) {
		List<String> all = new ArrayList<>(
				List.of("--server.port=0", "--shop.data=" + data, "--shop.backup=" + data.resolveSibling("backup")));
		all.addAll(Arrays.asList(arguments));
		return new RunningShop(new SpringApplicationBuilder(ShopApplication.class).run(all.toArray(String[]::new)));
	}

	HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return send(request(path).GET().build());
	}

	HttpResponse<String> post(String path, String... namesAndValues) throws IOException, InterruptedException {
		StringBuilder body = new StringBuilder();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			body.append(namesAndValues[i])
				.append('=')
				.append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8))
				.append('&');
		}
		return send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(body.toString()))
			.build());
	}

	/** The database's replication. */
	ReplicatedDatabase database() {
		return this.context.getBean(Litestream.class).databases().get(0);
	}

	/**
	 * Stops it in good order.
	 */
	@Override
	public void close() {
		this.context.close();
	}

	private HttpRequest.Builder request(String path) {
		String port = this.context.getEnvironment().getRequiredProperty("local.server.port");
		return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).timeout(Duration.ofSeconds(30));
	}

	private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
		return this.http.send(request, HttpResponse.BodyHandlers.ofString());
	}

}
