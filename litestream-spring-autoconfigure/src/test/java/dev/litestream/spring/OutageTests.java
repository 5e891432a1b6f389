package dev.litestream.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.autoconfigure.health.LitestreamHealthContributorAutoConfiguration;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The NATS server goes away under write load and comes back: the application does not
 * notice, health does. How long it stays away is the system property
 * {@code outage.seconds}.
 */
class OutageTests {

	private static final Log logger = LogFactory.getLog(OutageTests.class);

	private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("outage.seconds", 8));

	private static final Duration LONG = Duration.ofSeconds(60);

	@TempDir
	Path directory;

	@Test
	void applicationWritesOnWhileTheReplicaIsAwayAndTheReplicaCatchesUp() throws Exception {
		try (NatsServer nats = NatsServer.start(); ConfigurableApplicationContext context = run(nats)) {
			ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
			HealthIndicator health = health(context);
			try (Writer writer = new Writer(JdbcClient.create(context.getBean(DataSource.class)))) {
				awaitStatus(health, Status.UP);
				nats.stop();
				awaitStatus(health, Status.DOWN);
				// The lost connection is seen before an upload has failed.
				Awaitility.await()
					.atMost(LONG)
					.untilAsserted(() -> assertThat(health.health().getDetails().get("lastError")).asString()
						.contains("127.0.0.1"));
				long during = writer.commits.get();
				// The time without a server is what is under test.
				Thread.sleep(OUTAGE.toMillis());
				assertThat(writer.commits.get() - during).as("commits while the server was away").isPositive();
				assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
				nats.restart();
				awaitStatus(health, Status.UP);
				assertThat(health.health().getDetails()).doesNotContainKey("lastError");
				logger.info(String.format(Locale.ROOT, "outage of %s: %d commits, slowest %.1f ms, failures %d", OUTAGE,
						writer.commits.get(), writer.slowest.get() / 1e6, writer.failures.get()));
				assertThat(writer.failures.get()).isZero();
			}
			assertThat(database.sync(LONG)).isTrue();
			assertThat(database.status().counters().resyncs()).as("images of the whole database").isEqualTo(1);
			Path restored = this.directory.resolve("restored.db");
			Oracle.restore(nats.url("outage"), restored);
			assertThat(Databases.integrity(restored)).isEqualTo("ok");
			assertThat(count(JdbcClient.create(context.getBean(DataSource.class)))).isEqualTo(count(restored));
		}
	}

	private static long count(Path database) {
		return count(JdbcClient.create(new DriverManagerDataSource("jdbc:sqlite:" + database)));
	}

	private static long count(JdbcClient jdbc) {
		return jdbc.sql("select count(*) from note").query(Long.class).single();
	}

	private static void awaitStatus(HealthIndicator health, Status status) {
		Awaitility.await().atMost(LONG).until(() -> health.health().getStatus().equals(status));
	}

	private static HealthIndicator health(ConfigurableApplicationContext context) {
		CompositeHealthContributor all = context.getBean("litestreamHealthContributor",
				CompositeHealthContributor.class);
		return (HealthIndicator) all.stream().iterator().next().contributor();
	}

	private ConfigurableApplicationContext run(NatsServer nats) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		Path database = this.directory.resolve("app.db");
		return application.run("--spring.datasource.url=jdbc:sqlite:" + database,
				"--litestream.dbs[0].path=" + database, "--litestream.dbs[0].replica.url=" + nats.url("outage"),
				"--litestream.dbs[0].replica.bucket.create=true");
	}

	/** Commits all the time and notes how that goes. */
	private static final class Writer implements AutoCloseable {

		private final AtomicLong commits = new AtomicLong();

		private final AtomicLong failures = new AtomicLong();

		private final AtomicLong slowest = new AtomicLong();

		private final AtomicBoolean ended = new AtomicBoolean();

		private final Thread thread;

		private Writer(JdbcClient jdbc) {
			jdbc.sql("create table note(id integer primary key, text varchar)").update();
			this.thread = new Thread(() -> write(jdbc), "writer");
			this.thread.start();
		}

		private void write(JdbcClient jdbc) {
			while (!this.ended.get()) {
				long start = System.nanoTime();
				try {
					jdbc.sql("insert into note(text) values(?)").param("written at " + start).update();
					this.commits.incrementAndGet();
				}
				catch (RuntimeException ex) {
					this.failures.incrementAndGet();
				}
				this.slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
			}
		}

		@Override
		public void close() throws InterruptedException {
			this.ended.set(true);
			this.thread.join();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, LitestreamHealthContributorAutoConfiguration.class,
			DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class })
	static class Application {

	}

}
