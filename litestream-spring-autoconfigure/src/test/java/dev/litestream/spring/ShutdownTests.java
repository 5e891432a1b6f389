package dev.litestream.spring;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import jakarta.annotation.PreDestroy;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing that an application writes until its very end is missing from the replica. The
 * sync interval is an hour, so that only signals and the final sync count.
 */
class ShutdownTests {

	@TempDir
	Path directory;

	private NotesDatabase notes;

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
		this.notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
	}

	private ConfigurableApplicationContext run(WebApplicationType type, Class<?>... sources) {
		SpringApplication application = new SpringApplication(sources);
		application.setWebApplicationType(type);
		application.setRegisterShutdownHook(false);
		String[] arguments = Stream
			.concat(Arrays.stream(this.notes.properties()),
					Stream.of("litestream.dbs[0].sync-interval=1h", "server.port=0",
							"spring.datasource.url=" + this.notes.url()))
			.map((property) -> "--" + property)
			.toArray(String[]::new);
		return application.run(arguments);
	}

	@Test
	void lastCommitBeforeClose() {
		ConfigurableApplicationContext context = run(WebApplicationType.NONE, Application.class);
		NotesDatabase.insert(context.getBean(DataSource.class), "last");
		context.close();
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "last");
	}

	@Test
	void manyCommitsBeforeClose() {
		ConfigurableApplicationContext context = run(WebApplicationType.NONE, Application.class);
		DataSource dataSource = context.getBean(DataSource.class);
		for (int i = 0; i < 500; i++) {
			NotesDatabase.insert(dataSource, "note " + i);
		}
		context.close();
		assertThat(this.notes.notesInReplica()).hasSize(501).endsWith("note 499");
	}

	@Test
	void commitOfBeanThatIsDestroyed() {
		run(WebApplicationType.NONE, Application.class, LastWriter.class).close();
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "written when destroyed");
	}

	@Test
	void commitOfBeanThatIsDestroyedAfterReplicationWasStoppedAndStarted() {
		ConfigurableApplicationContext context = run(WebApplicationType.NONE, Application.class, LastWriter.class);
		context.stop();
		context.start();
		NotesDatabase.insert(context.getBean(DataSource.class), "after the restart");
		context.close();
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "after the restart", "written when destroyed");
	}

	@Test
	void replicationStopsAfterOtherLifecycles() {
		ConfigurableApplicationContext context = run(WebApplicationType.NONE, Application.class, LastLifecycle.class);
		LastLifecycle last = context.getBean(LastLifecycle.class);
		context.close();
		assertThat(last.replicationRanWhenStopped).isTrue();
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "written when stopped");
	}

	@Test
	void commitOfRequestThatEndsDuringGracefulShutdown() throws Exception {
		ConfigurableApplicationContext context = run(WebApplicationType.SERVLET, WebApplication.class,
				SlowController.class);
		SlowController controller = context.getBean(SlowController.class);
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		CompletableFuture<HttpResponse<String>> response = HttpClient.newHttpClient()
			.sendAsync(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/write")).build(),
					HttpResponse.BodyHandlers.ofString());
		assertThat(controller.entered.await(30, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> refusesConnections(port));
		controller.proceed.countDown();
		closed.get(60, TimeUnit.SECONDS);
		assertThat(response.get(30, TimeUnit.SECONDS).body()).isEqualTo("written");
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "written by request");
	}

	private static boolean refusesConnections(String port) {
		try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(port))) {
			return !socket.isConnected();
		}
		catch (IOException ex) {
			return true;
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@ImportAutoConfiguration({ TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			WebMvcAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class })
	static class WebApplication {

	}

	static class LastWriter {

		private final DataSource dataSource;

		LastWriter(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@PreDestroy
		void write() {
			NotesDatabase.insert(this.dataSource, "written when destroyed");
		}

	}

	/** Stops just before replication, and long after web servers and schedulers. */
	static class LastLifecycle implements SmartLifecycle {

		private final DataSource dataSource;

		private final LitestreamEngine engine;

		private volatile boolean running;

		private volatile boolean replicationRanWhenStopped;

		LastLifecycle(DataSource dataSource, LitestreamEngine engine) {
			this.dataSource = dataSource;
			this.engine = engine;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.replicationRanWhenStopped = this.engine.isRunning();
			NotesDatabase.insert(this.dataSource, "written when stopped");
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return Integer.MIN_VALUE + 1025;
		}

	}

	@RestController
	static class SlowController {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch proceed = new CountDownLatch(1);

		private final DataSource dataSource;

		SlowController(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@GetMapping("/write")
		String write() throws InterruptedException {
			this.entered.countDown();
			this.proceed.await();
			NotesDatabase.insert(this.dataSource, "written by request");
			return "written";
		}

	}

}
