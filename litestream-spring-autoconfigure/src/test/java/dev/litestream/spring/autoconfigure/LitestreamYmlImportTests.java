package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import javax.sql.DataSource;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.test.NatsCluster;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;
import dev.litestream.test.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Files of the original, imported as they are: the examples of its own guide to NATS,
 * with the addresses and paths of this machine.
 */
@ExtendWith(OutputCaptureExtension.class)
class LitestreamYmlImportTests {

	private static final String USER = "authorization { user: litestream, password: \"secure-password\" }";

	@TempDir
	Path directory;

	@Test
	void basicExample(CapturedOutput output) throws Exception {
		try (NatsServer server = NatsServer.builder().config(USER).start()) {
			assertRuns("basic.yml", Map.of("localhost:4222", "127.0.0.1:" + server.port()));
		}
		assertThat(output).doesNotContain("secure-password");
	}

	@Test
	void completeExample() throws Exception {
		TestCertificates authority = TestCertificates.authority(this.directory, "ca");
		TestCertificates.Issued host = authority.issue("server", "localhost");
		TestCertificates.Issued client = authority.issue("client");
		String tls = String.format(Locale.ROOT,
				"tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true }", host.certificate(),
				host.key(), authority.certificate());
		try (NatsServer server = NatsServer.builder().config(USER).config(tls).start()) {
			Path yml = assertRuns("complete.yml", Map.of("nats.example.com:4222", "localhost:" + server.port(),
					"/etc/ssl/certs/nats-ca.crt", authority.certificate().toString(), "/etc/ssl/certs/nats-client.crt",
					client.certificate().toString(), "/etc/ssl/private/nats-client.key", client.key().toString()));
			try (ConfigurableApplicationContext context = start(yml)) {
				DatabaseProperties database = context.getBean(LitestreamProperties.class).getDbs().get(0);
				DatabaseOptions options = ConfiguredDatabase
					.of(PropertyKey.ofDatabase(0), database, context.getBean(LitestreamProperties.class))
					.options();
				assertThat(options.syncInterval()).isEqualTo(Duration.ofSeconds(1));
				assertThat(options.levels().snapshotInterval()).isEqualTo(Duration.ofHours(1));
				assertThat(options.levels().snapshotRetention()).isEqualTo(Duration.ofHours(24));
			}
		}
	}

	@Test
	void exampleForCluster() throws Exception {
		try (NatsCluster cluster = NatsCluster.start(
				"accounts { APP { jetstream: enabled, users: [ { user: litestream, password: secure-password } ] } }")) {
			List<NatsServer> servers = cluster.servers();
			assertRuns("cluster.yml",
					Map.of("nats1.example.com:4222", "127.0.0.1:" + servers.get(0).port(), "nats2.example.com:4222",
							"127.0.0.1:" + servers.get(1).port(), "nats3.example.com:4222",
							"127.0.0.1:" + servers.get(2).port()));
		}
	}

	@Test
	void whatDoesNotApplyIsWarnedAboutWithItsLine(CapturedOutput output) throws Exception {
		Path yml = write(String.format(Locale.ROOT, """
				addr: ":9090"
				exec: "java -jar app.jar"
				logging:
				  level: debug
				dbs:
				  - path: %s
				    truncate-page-n: 5000
				    replica:
				      name: main
				      path: %s
				      password: ${NOT_SET_ANYWHERE}
				""", database(), this.directory.resolve("replica")));
		start(yml).close();
		assertThat(output).contains("'addr' in file [" + yml + "] - 1:7 does not apply")
			.contains("'exec' in file [" + yml + "] - 2:7")
			.contains("'logging.level' in file [" + yml + "] - 4:10")
			.contains("'dbs[0].truncate-page-n' in file [" + yml + "] - 7:22")
			.contains("'dbs[0].replica.name' in file [" + yml + "] - 9:13")
			.contains("the application replicates its database itself")
			.contains("names variables that are not set in the environment and count as empty: NOT_SET_ANYWHERE");
	}

	@Test
	void whatCannotBeDoneIsRefusedWithItsLine(CapturedOutput output) throws Exception {
		Path yml = write(String.format(Locale.ROOT, """
				access-key-id: hush
				dbs:
				  - path: %s
				    replica:
				      url: s3://bucket/app
				""", database()));
		assertThatThrownBy(() -> start(yml)).isInstanceOf(InvalidLitestreamPropertyException.class);
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("'litestream.access-key-id' is a key of Litestream that does not apply")
			.contains("It is set in file [" + yml + "] - 1:16.")
			.doesNotContain("hush");
		Files.writeString(yml, Files.readString(yml).replace("access-key-id: hush\n", ""));
		assertThatThrownBy(() -> start(yml)).hasRootCauseInstanceOf(InvalidLitestreamPropertyException.class);
		assertThat(output).contains("'litestream.dbs[0].replica.url' does not start with nats:")
			.contains("It is set in file [" + yml + "] - 4:12.");
	}

	@Test
	void slipIsRefusedWithItsLine(CapturedOutput output) throws Exception {
		Path yml = write("dbs:\n- path: app.db\n  replica:\n    bukket: b\n");
		assertThatThrownBy(() -> start(yml)).isInstanceOf(InvalidLitestreamPropertyException.class);
		assertThat(output).contains("Did you mean bucket?").contains("It is set in file [" + yml + "] - 4:13.");
	}

	@Test
	void durationWithoutUnitIsRefusedWithItsLine(CapturedOutput output) throws Exception {
		Path yml = write(String.format(Locale.ROOT, """
				snapshot:
				  retention: 24
				dbs:
				  - path: %s
				    replica:
				      path: %s
				""", database(), this.directory.resolve("replica")));
		assertThatThrownBy(() -> start(yml)).isInstanceOf(InvalidLitestreamPropertyException.class);
		assertThat(output).contains("'litestream.snapshot.retention' has no unit (got 24)")
			.contains("It is set in file [" + yml + "] - 2:14.")
			.contains("Write the unit: 24h,");
	}

	@Test
	void missingFileStopsTheStartUnlessItIsOptional() {
		Path yml = this.directory.resolve("none.yml");
		assertThatThrownBy(() -> start(yml)).hasMessageContaining("none.yml");
		run("optional:litestream:" + yml, "--spring.datasource.url=jdbc:sqlite:" + database()).close();
	}

	@Test
	void fileOnTheClassPath(CapturedOutput output) {
		assertThatThrownBy(() -> run("litestream:classpath:litestream-yml/other-stores.yml"))
			.isInstanceOf(InvalidLitestreamPropertyException.class);
		assertThat(output).contains("litestream-yml/other-stores.yml] - 5:");
	}

	private Path assertRuns(String example, Map<String, String> replacements) throws Exception {
		String text = new ClassPathResource("litestream-yml/" + example).getContentAsString(StandardCharsets.UTF_8)
			.replace("/var/lib/myapp.db", database().toString());
		for (Map.Entry<String, String> replacement : replacements.entrySet()) {
			assertThat(text).contains(replacement.getKey());
			text = text.replace(replacement.getKey(), replacement.getValue());
		}
		Path yml = write(text);
		Path copy = this.directory.resolve("copy.db");
		try (ConfigurableApplicationContext context = start(yml)) {
			DataSource dataSource = context.getBean(DataSource.class);
			try (var connection = dataSource.getConnection(); var statement = connection.createStatement()) {
				statement.execute("create table notes (id integer primary key, text varchar(255))");
			}
			NotesDatabase.insert(dataSource, "milk");
			ReplicatedDatabase database = context.getBean(Litestream.class).databases().get(0);
			assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
			Oracle.run("restore", "-config", yml.toString(), "-o", copy.toString(), database().toString());
		}
		assertThat(NotesDatabase.notes(new DriverManagerDataSource("jdbc:sqlite:" + copy))).containsExactly("milk");
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.deleteIfExists(Path.of(database() + suffix));
		}
		try (ConfigurableApplicationContext context = start(yml)) {
			assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk");
		}
		return yml;
	}

	private Path database() {
		return this.directory.resolve("myapp.db");
	}

	private Path write(String yml) throws IOException {
		return Files.writeString(this.directory.resolve("litestream.yml"), yml);
	}

	private ConfigurableApplicationContext start(Path yml) {
		// the guide creates the bucket by a command
		return run("litestream:" + yml, "--spring.datasource.url=jdbc:sqlite:" + database(),
				"--litestream.replica.bucket.create=true", "--litestream.restore.integrity-check=none");
	}

	private static ConfigurableApplicationContext run(String location, String... arguments) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		List<String> all = new ArrayList<>(List.of("--spring.config.import=" + location));
		all.addAll(List.of(arguments));
		return application.run(all.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamKeysAutoConfiguration.class, LitestreamAutoConfiguration.class,
			DataSourceAutoConfiguration.class })
	static class Application {

	}

}
