package dev.litestream.spring.actuate;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Endpoints of Spring Boot that show each value, asked to show all.
 */
@Timeout(120)
class ShownSecretsTests {

	private static final String SECRET = "s3cr3t";

	@TempDir
	Path directory;

	@Test
	void noSecretIsShownWhereAllValuesAre() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(new NotesDatabase(this.directory),
				"management.endpoint.configprops.show-values=always", "management.endpoint.env.show-values=always",
				"litestream.replica.password=s3cr3t-1", "litestream.dbs[1].enabled=false",
				"litestream.dbs[1].path=other.db", "litestream.dbs[1].replica.username=ada",
				"litestream.dbs[1].replica.password=${nats.secret}", "nats.secret=s3cr3t-2",
				"litestream.dbs[1].replica.passwordFile=/run/secrets/nats", "litestream.dbs[1].replica.token=s3cr3t-3",
				"litestream.dbs[1].replica.jwt=s3cr3t-4", "litestream.dbs[1].replica.seed=s3cr3t-5",
				"litestream.dbs[1].replica.url=nats://ada:s3cr3t-6@one,two:4222/bucket",
				"litestream.dbs[2].enabled=false", "litestream.dbs[2].path=third.db",
				"litestream.dbs[2].replicas[0].url=nats://s3cr3t-7@one/bucket", "elsewhere=tls://ada:s3cr3t-8@one",
				"spring.application.json={\"litestream\":{\"replica\":{\"password\":\"s3cr3t-1\"}}}")) {
			for (String path : List.of("configprops", "env", "env/litestream.replica.password", "env/elsewhere",
					"configprops/litestream")) {
				assertThat(application.get(path).body()).as(path).isNotBlank().doesNotContain(SECRET);
			}
			assertThat(application.get("configprops/litestream").body()).contains("nats://******@one,two:4222/bucket")
				.contains("/run/secrets/nats")
				.contains(this.directory.toString());
			assertThat(application.get("env/elsewhere").body()).contains("tls://******@one");
		}
	}

	@Test
	void passwordOfDigits() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new MapPropertySource("test", Map.of("litestream.replica.password", 271828)));
		LitestreamSanitizingFunction function = new LitestreamSanitizingFunction(environment);
		assertThat(function.apply(new SanitizableData(null, "litestream.replica.password", 271828)).getValue())
			.isEqualTo("******");
		assertThat(function.apply(new SanitizableData(null, "JAVA_OPTS", "-Dlitestream.replica.password=271828"))
			.getValue()).isEqualTo("******");
	}

	@ParameterizedTest
	@CsvSource({ "LITESTREAM_REPLICA_PASSWORD, s3, ******", "LITESTREAM_DBS_0_REPLICA_SEED, s3, ******",
			"litestream.dbs[0].replicas[0].jwt, s3, ******", "litestream.replica.username, ada, ada",
			"litestream.replica.url, s3://key:s3cr3t@bucket, s3://******@bucket",
			"LITESTREAM_REPLICA_URL, nats://one/app, nats://one/app",
			"NATS_URL, 'nats://a:s3@one,a:s3@two', nats://******@two",
			"sun.java.command, app.jar --litestream.replica.password=of-command, ******",
			"other.url, https://ada:lovelace@host, https://ada:lovelace@host", "other.password, mine, mine" })
	void valueOfEachKey(String key, String value, String shown) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new MapPropertySource("test", Map.of("litestream.replica.password", "of-command")));
		assertThat(
				new LitestreamSanitizingFunction(environment).apply(new SanitizableData(null, key, value)).getValue())
			.isEqualTo(shown);
	}

}
