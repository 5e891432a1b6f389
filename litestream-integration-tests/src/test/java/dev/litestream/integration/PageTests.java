package dev.litestream.integration;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The quick start of the README with each library, by the pages' own text: their
 * dependencies and no others, their settings, their code. The application is killed,
 * loses its data, and has it back.
 */
@NatsServerTest
class PageTests {

	private static final Duration LONG = Duration.ofSeconds(120);

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	/** For the two addresses of the small applications, and for health. */
	private static final List<String> WEB = List.of(boot("spring-boot-starter-webmvc"),
			boot("spring-boot-starter-actuator"));

	private final HttpClient http = HttpClient.newHttpClient();

	@TempDir
	Path directory;

	private final NatsServer server;

	private final Page readme;

	private final Page libraries;

	PageTests(NatsServer server) throws IOException {
		this.server = server;
		this.readme = Page.read(Path.of("../README.md"));
		this.libraries = Page.read(Path.of("../docs/spring-applications.md"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jpa", "jdbc", "data-jdbc", "jooq", "mybatis" })
	void quickStart(String library) throws Exception {
		Map<String, String> files = this.libraries.below(library);
		List<String> command = build(library, files);
		try (ChildProcess application = start(command)) {
			String notes = address(application) + "/notes";
			post(notes, "buy milk");
			post(notes, "call Ada");
			String health = address(application) + "/actuator/health";
			Awaitility.await(health)
				.atMost(LONG)
				.untilAsserted(() -> assertThat(get(health)).containsPattern(
						"\"app.db\":\\{\"details\":\\{[^}]*\"state\":\"REPLICATING\",\"txid\":\"(\\p{XDigit}+)\",\"replicatedTxid\":\"\\1\""));
			application.kill();
		}
		FileSystemUtils.deleteRecursively(this.directory.resolve("data"));
		try (ChildProcess application = start(command)) {
			assertThat(get(address(application) + "/notes")).isEqualTo("[\"buy milk\",\"call Ada\"]");
			post(address(application) + "/notes", "after the loss");
			assertThat(get(address(application) + "/notes")).endsWith(",\"after the loss\"]");
		}
	}

	@Test
	void bothPagesNameTheSameForJpa() {
		assertThat(this.libraries.only("jpa/dependencies.xml")).isEqualTo(this.readme.only("jpa"));
	}

	/** What Maven would do, and the command that starts the result. */
	private List<String> build(String library, Map<String, String> files) throws IOException {
		List<String> dependencies = new ArrayList<>(WEB);
		dependencies.add(this.readme.only("starter"));
		dependencies.add(files.get("dependencies.xml"));
		String classPath = new Dependencies().classPath(dependencies);
		Path classes = Files.createDirectories(this.directory.resolve("classes"));
		List<String> settings = new ArrayList<>(this.readme.all("application.yml"));
		if (files.containsKey("application.yml")) {
			settings.add(files.get("application.yml"));
		}
		else {
			settings.add(this.libraries.only("schema.yml"));
			Files.writeString(classes.resolve("schema.sql"), this.libraries.only("schema.sql"));
		}
		Files.writeString(classes.resolve("application.yml"), String.join("---\n", settings));
		List<String> compile = new ArrayList<>(
				List.of("-parameters", "-proc:none", "-cp", classPath, "-d", classes.toString()));
		for (Map.Entry<String, String> file : files.entrySet()) {
			if (file.getKey().endsWith(".java")) {
				Path source = this.directory.resolve(file.getKey());
				Files.createDirectories(source.getParent());
				compile.add(Files.writeString(source, file.getValue()).toString());
			}
		}
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		assertThat(compiler.run(null, null, null, compile.toArray(String[]::new))).as("javac " + compile).isZero();
		return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx192m",
				"-XX:TieredStopAtLevel=1", "-cp", classPath + ":" + classes, "com.example.NotesApplication",
				"--server.port=0", "--server.address=127.0.0.1",
				"--litestream.replica.url=" + this.server.url("page-" + library));
	}

	private ChildProcess start(List<String> command) throws IOException {
		Path log = Files.createTempFile(this.directory, "application", ".log");
		return ChildProcess.start(log, this.directory, command, Map.of());
	}

	private static String address(ChildProcess application) {
		Awaitility.await("the application answers")
			.atMost(LONG)
			.until(() -> !application.isAlive() || PORT.matcher(application.log()).find());
		Matcher port = PORT.matcher(application.log());
		assertThat(port.find()).as(application.log()).isTrue();
		return "http://127.0.0.1:" + port.group(1);
	}

	private String get(String address) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(URI.create(address)));
	}

	private void post(String address, String text) throws IOException, InterruptedException {
		send(HttpRequest.newBuilder(URI.create(address))
			.header("Content-Type", "text/plain")
			.POST(HttpRequest.BodyPublishers.ofString(text)));
	}

	private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
		HttpResponse<String> response = this.http.send(request.timeout(LONG).build(),
				HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

	private static String boot(String artifact) {
		return "<dependency><groupId>org.springframework.boot</groupId><artifactId>" + artifact
				+ "</artifactId></dependency>";
	}

}
