package dev.litestream.spring.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.NotesDatabase;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A running web application with one database, and its actuator as operators see it.
 */
public final class ActuatorApplication implements AutoCloseable {

	static final Duration LONG = Duration.ofSeconds(30);

	private final HttpClient http = HttpClient.newHttpClient();

	private final ConfigurableApplicationContext context;

	private ActuatorApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Starts an application whose database has been replicated once.
	 */
	public static ActuatorApplication start(NotesDatabase notes, String... properties) throws Exception {
		notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		return startRestored(notes, properties);
	}

	/**
	 * Starts an application whose database is only in the replica, or there already.
	 */
	static ActuatorApplication startRestored(NotesDatabase notes, String... properties) throws Exception {
		List<String> arguments = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1",
				"spring.datasource.url=" + notes.url(), "spring.data.jpa.repositories.enabled=false",
				"management.endpoints.web.exposure.include=*", "management.endpoint.health.show-details=always",
				"litestream.dbs[0].name=notes", "litestream.dbs[0].path=" + notes.path()));
		arguments.addAll(Arrays.asList(properties));
		if (arguments.stream().noneMatch((property) -> property.startsWith("litestream.dbs[0].replica.url"))) {
			arguments.add("litestream.dbs[0].replica.url=" + notes.replica().toUri());
		}
		SpringApplication application = new SpringApplication(Application.class);
		application.setRegisterShutdownHook(false);
		ActuatorApplication started = new ActuatorApplication(
				application.run(arguments.stream().map((property) -> "--" + property).toArray(String[]::new)));
		assertThat(started.database().sync(LONG)).isTrue();
		return started;
	}

	public ConfigurableApplicationContext context() {
		return this.context;
	}

	public ReplicatedDatabase database() {
		return this.context.getBean(Litestream.class).databases().get(0);
	}

	public HttpResponse<String> get(String path) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(uri(path)).GET());
	}

	/** The body of an answer that is good. */
	public Map<String, Object> read(String path) throws IOException, InterruptedException {
		HttpResponse<String> response = get(path);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return json(response);
	}

	HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(uri(path))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(json)));
	}

	static Map<String, Object> json(HttpResponse<String> response) {
		return JsonMapper.shared().readValue(response.body(), new TypeReference<>() {
		});
	}

	private URI uri(String path) {
		return URI.create("http://127.0.0.1:" + this.context.getEnvironment().getRequiredProperty("local.server.port")
				+ "/actuator/" + path);
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return this.http.send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { FlywayAutoConfiguration.class, LiquibaseAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class })
	static class Application {

	}

}
