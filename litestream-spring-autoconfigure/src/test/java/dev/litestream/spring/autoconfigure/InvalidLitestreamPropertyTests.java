package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start-up with wrong properties says: the key, what is wrong, what to write.
 */
class InvalidLitestreamPropertyTests {

	private static final String PATH = "litestream.dbs[0].path=data/app.db";

	private static final String REPLICA = "litestream.dbs[0].replica.url=file:///var/backups/app";

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class));

	@TempDir
	Path directory;

	@Test
	void pathMissing() {
		assertRefused("litestream.dbs[0].path", "is missing", "such as data/app.db", REPLICA);
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			:memory:,               in-memory database, database file such as
			file:x?mode=memory,     in-memory database, database file such as
			file:x?vfs=memdb,       in-memory database, database file such as
			jdbc:sqlite:data/app.db, is a URL,          after 'jdbc:sqlite:'
			file:data/app.db,       is a URL,           after 'jdbc:sqlite:'
			/,                      names a directory,  such as data/app.db
			""")
	void pathThatIsNoDatabaseFile(String path, String problem, String cure) {
		assertRefused("litestream.dbs[0].path", problem, cure, "litestream.dbs[0].path=" + path, REPLICA);
	}

	@Test
	void pathOfDirectory() {
		assertRefused("litestream.dbs[0].path", "names a directory", "such as",
				"litestream.dbs[0].path=" + this.directory, REPLICA);
	}

	@Test
	void replicaMissing() {
		assertRefused("litestream.dbs[0].replica.url", "is missing", "nats://localhost:4222/bucket", PATH);
	}

	@ParameterizedTest
	@CsvSource(
			textBlock = """
					s3://bucket/app,            does not start with nats:,     nats://localhost:4222/bucket
					localhost:4222/bucket,      does not start with nats:,     nats://localhost:4222/bucket
					file://backups/app,         does not name a directory of this machine, three slashes
					file:///,                   does not name a directory of this machine, three slashes
					nats://localhost:4222,      cannot be used,                         nats://localhost:4222/bucket
					nats:localhost/bucket,      cannot be used,                         nats://localhost:4222/bucket may be meant
					nats://localhost:99999/b,   cannot be used,                         port between 1 and 65535
					nats://localhost/my bucket, cannot be used,                         is not a bucket name
					""")
	void urlWrong(String url, String problem, String cure) {
		assertRefused("litestream.dbs[0].replica.url", problem, cure, PATH, "litestream.dbs[0].replica.url=" + url);
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			litestream.levels[0].interval,            0,   must be greater than 0,             a duration such as
			litestream.levels[3].interval,            30m, must be longer than that of the level before, such as 30s
			litestream.snapshot.interval,             -1s, must be greater than 0,             a duration such as
			litestream.snapshot.retention,            0,   must be greater than 0,             a duration such as
			litestream.l0-retention,                  -5m, must not be negative,               a duration such as
			litestream.l0-retention-check-interval,   0,   must be greater than 0,             a duration such as
			litestream.dbs[0].replica.retention,      0,   must be greater than 0,             a duration such as
			litestream.dbs[0].replica.snapshot-interval, 0, must be greater than 0,            a duration such as
			""")
	void levelsWrong(String key, String value, String problem, String cure) {
		List<String> properties = new ArrayList<>(List.of(PATH, REPLICA));
		if (key.startsWith("litestream.levels[3]")) {
			properties.addAll(List.of("litestream.levels[0].interval=30s", "litestream.levels[1].interval=5m",
					"litestream.levels[2].interval=1h"));
		}
		properties.add(key + "=" + value);
		assertRefused(key, problem, cure, properties.toArray(String[]::new));
	}

	@Test
	void noLevels() {
		assertRefused("litestream.levels", "must have 1 to 8 entries", "a list of intervals", PATH, REPLICA,
				"litestream.levels=");
	}

	@Test
	void replicaAndListOfReplicas() {
		assertRefused("litestream.dbs[0].replicas", "is set beside litestream.dbs[0].replica", "Keep one", PATH,
				REPLICA, "litestream.dbs[0].replicas[0].url=file:///other");
	}

	@Test
	void severalReplicas() {
		assertRefused("litestream.dbs[0].replicas", "has more than one entry", "replica.bucket.replicas", PATH,
				"litestream.dbs[0].replicas[0].url=file:///one", "litestream.dbs[0].replicas[1].url=file:///two");
	}

	@Test
	void settingForAllDatabasesIsNamedWhereItIsSet() {
		assertRefused("litestream.replica.timeout", "must be greater than 0", "such as 1s", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket", "litestream.replica.timeout=0");
	}

	@Test
	void namesOfOneSettingThatContradict() {
		assertRefused("litestream.dbs[0].restore-if-db-not-exists", "contradicts litestream.dbs[0].restore.on-startup",
				"Keep one", PATH, REPLICA, "litestream.dbs[0].restore-if-db-not-exists=false",
				"litestream.dbs[0].restore.on-startup=always");
	}

	@Test
	void typeContradictsUrl() {
		assertRefused("litestream.dbs[0].replica.type", "contradicts the scheme", "Remove the type", PATH, REPLICA,
				"litestream.dbs[0].replica.type=nats");
	}

	@ParameterizedTest
	@CsvSource({ "../other", "a//b", "with space", "ltx", "/app" })
	void prefixWrong(String path) {
		assertRefused("litestream.dbs[0].replica.path", "has the value '" + path + "', which cannot be used", "", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket", "litestream.dbs[0].replica.path=" + path);
	}

	@Test
	void bucketTwice() {
		assertRefused("litestream.dbs[0].replica.bucket.name", "URL names a bucket too", "Keep one", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/one", "litestream.dbs[0].replica.bucket.name=two");
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			request-timeout,  0s,  must be greater than 0,   such as 1s
			reconnect-jitter, -1s, must not be negative,     such as 1s
			ping-interval,    0s,  must be greater than 0,   such as 1s
			max-pings-out,    0,   is out of range,          1 or more
			""")
	void connectionSettingOutOfRange(String key, String value, String problem, String cure) {
		assertRefused("litestream.dbs[0].replica." + key, problem, cure, PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket",
				"litestream.dbs[0].replica." + key + "=" + value);
	}

	@Test
	void metadataWithReservedName() {
		assertRefused("litestream.dbs[0].replica.bucket.metadata", "_nats.level", "another name", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket",
				"litestream.dbs[0].replica.bucket.metadata[_nats.level]=1");
	}

	@Test
	void durabilityOfFileReplicaCannotBeRequired() {
		assertRefused("litestream.dbs[0].replica.require-durability", "durability is not known", "Remove it", PATH,
				REPLICA, "litestream.dbs[0].replica.require-durability=server");
	}

	@Test
	void passwordWithoutUsername() {
		assertRefused("litestream.dbs[0].replica.username", "is missing", "both username and password", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket", "litestream.dbs[0].replica.password=hush");
	}

	@Test
	void credentialsTwice() {
		assertRefused("litestream.dbs[0].replica.username", "although the URL holds them", "Remove them from the URL",
				PATH, "litestream.dbs[0].replica.url=nats://app:hush@localhost/bucket",
				"litestream.dbs[0].replica.username=app", "litestream.dbs[0].replica.password=hush");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					token=hush                      | username=app   | token    | set beside litestream.dbs[0].replica.username
					creds=/hush                     | token-file=/x  | creds    | set beside litestream.dbs[0].replica.token
					jwt=hush.a.b                    | nkey=hush      | nkey     | set beside litestream.dbs[0].replica.jwt
					seed=hush                       | username=app   | seed     | is set without jwt or nkey
					seed=hush                       | tls=true       | seed     | is set without jwt or nkey
					nkey=hush                       | tls=true       | seed     | is missing
					jwt=hush                        | tls=true       | seed     | is missing
					jwt=hush                        | seed=hush      | jwt      | cannot be used
					nkey=hush                       | seed=hush      | nkey     | cannot be used
					creds=/does/not/exist           | tls=true       | creds    | cannot be used
					password-file=/does/not/exist   | username=app   | username | cannot be used
					token=hush                      | token-file=/x  | token-file | is set beside litestream.dbs[0].replica.token
					username=app                    | tls=true       | password | is missing
					client-cert=/does/not/exist     | tls=true       | client-key | is missing
					client-key=/does/not/exist      | tls=true       | client-cert | is missing
					root-cas=/does/not/exist        | tls=true       | root-cas | cannot be used
					root-cas=/does/not/exist        | tls=false      | tls      | is false although
					ssl.bundle=none                 | tls=true       | ssl.bundle | although there are none
					ssl.bundle=none                 | root-cas=/x    | ssl.bundle | is set beside root-cas
					domain=a.b                      | tls=true       | domain   | cannot be used
					api-prefix=a.*                  | tls=true       | api-prefix | cannot be used
					inbox-prefix=a b                | tls=true       | inbox-prefix | cannot be used
					domain=hub                      | api-prefix=x   | api-prefix | cannot be used
					bucket.name=two                 | tls=true       | bucket.name | URL names a bucket too
					""")
	void natsSettingsThatContradictOrMiss(String one, String two, String key, String problem) {
		assertRefused("litestream.dbs[0].replica." + key, problem, "", PATH,
				"litestream.dbs[0].replica.url=nats://localhost/bucket", "litestream.dbs[0].replica." + one,
				"litestream.dbs[0].replica." + two);
	}

	@ParameterizedTest
	@CsvSource({ "token=hush,token", "creds=/hush,creds", "nkey=hush,seed" })
	void credentialsBesideThoseOfTheUrl(String property, String key) {
		assertRefused("litestream.dbs[0].replica." + key, "", "", PATH,
				"litestream.dbs[0].replica.url=nats://app:hush@localhost/bucket",
				"litestream.dbs[0].replica." + property);
	}

	@Test
	void natsUrlOfTheEnvironmentWrong() {
		assertRefused("litestream.dbs[0].replica.url", "cannot be used", "NATS_URL", PATH,
				"litestream.dbs[0].replica.url=nats:///bucket", "NATS_URL=http://app:hush@localhost");
	}

	@Test
	void tlsSwitchedOffBesideSecureUrl() {
		assertRefused("litestream.dbs[0].replica.tls", "is false although the URL", "Remove it", PATH,
				"litestream.dbs[0].replica.url=tls://localhost/bucket", "litestream.dbs[0].replica.tls=false");
	}

	@ParameterizedTest
	@CsvSource({ "token", "creds", "root-cas", "tls", "tls-first", "ssl.bundle", "domain" })
	void natsSettingsForFileReplica(String key) {
		assertRefused("litestream.dbs[0].replica." + key, "has no meaning for a file replica", "Remove it", PATH,
				REPLICA, "litestream.dbs[0].replica." + key + "=true");
	}

	@Test
	void credentialsForFileReplica() {
		assertRefused("litestream.dbs[0].replica.password", "has no meaning for a file replica", "Remove it", PATH,
				REPLICA, "litestream.dbs[0].replica.password=hush");
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			litestream.shutdown-sync-timeout,                -1s
			litestream.health.max-lag,                       0
			litestream.verification.interval,                -1s
			litestream.verification.max-read-rate,           0
			litestream.dbs[0].verification.interval,         -1s
			litestream.dbs[0].sync-interval,                 0
			litestream.dbs[0].checkpoint-interval,           -1s
			litestream.dbs[0].min-checkpoint-page-count,     0
			litestream.dbs[0].busy-timeout,                  -1s
			litestream.dbs[0].max-sync-wal-bytes,            0
			litestream.dbs[0].shutdown-sync-timeout,         -1s
			litestream.dbs[0].name,                          a/b
			litestream.dbs[0].replica.timeout,               0
			litestream.dbs[0].replica.reconnect-wait,        0
			litestream.dbs[0].replica.max-objects-per-second, 0
			litestream.dbs[0].replica.bucket.replicas,       6
			litestream.dbs[0].replica.bucket.max-bytes,      0
			""")
	void valueOutOfRange(String key, String value) {
		assertRefused(key, "", "Write a", PATH, "litestream.dbs[0].replica.url=nats://localhost/bucket",
				key + "=" + value);
	}

	@Test
	void twoDatabasesInOneFile() {
		assertRefused("litestream.dbs[1].path", "see also litestream.dbs[0].path", "Configure each database once", PATH,
				REPLICA, "litestream.dbs[1].path=./data/../data/app.db", "litestream.dbs[1].name=other",
				"litestream.dbs[1].replica.url=file:///var/backups/other");
	}

	@Test
	void twoDatabasesInOneFileBySymbolicLink() throws Exception {
		Path file = Files.createFile(this.directory.resolve("app.db"));
		Path link = Files.createSymbolicLink(this.directory.resolve("link.db"), file);
		assertRefused("litestream.dbs[1].path", "see also litestream.dbs[0].path", "Configure each database once",
				"litestream.dbs[0].path=" + file, REPLICA, "litestream.dbs[1].path=" + link,
				"litestream.dbs[1].replica.url=file:///var/backups/other");
	}

	@Test
	void twoDatabasesOfOneName() {
		assertRefused("litestream.dbs[1].name", "see also litestream.dbs[0].name", "another name", PATH, REPLICA,
				"litestream.dbs[1].path=other/app.db", "litestream.dbs[1].replica.url=file:///var/backups/other");
	}

	@Test
	void twoDatabasesInOneReplica() {
		assertRefused("litestream.dbs[1].replica", "see also litestream.dbs[0].replica", "its own bucket", PATH,
				REPLICA, "litestream.dbs[1].path=other.db",
				"litestream.dbs[1].replica.url=file:/var/backups/../backups/app");
	}

	@Test
	void pathBesideDirectory() {
		assertRefused("litestream.dbs[0].path", "is set beside dir", "path for one database", PATH, REPLICA,
				"litestream.dbs[0].dir=" + this.directory, "litestream.dbs[0].pattern=*.db");
	}

	@ParameterizedTest
	@CsvSource({ "pattern, *.db", "recursive, true", "watch, true" })
	void keysOfDirectoryWithoutDirectory(String key, String value) {
		assertRefused("litestream.dbs[0]." + key, "has no meaning without dir", "replace path by dir", PATH, REPLICA,
				"litestream.dbs[0]." + key + "=" + value);
	}

	@Test
	void directoryWithoutPattern() {
		assertRefused("litestream.dbs[0].pattern", "is missing", "such as *.db", REPLICA,
				"litestream.dbs[0].dir=" + this.directory);
	}

	@ParameterizedTest
	@CsvSource({ "a/*.db, set recursive", "'[a', such as *.db" })
	void directoryWithPatternThatIsNone(String pattern, String cure) {
		assertRefused("litestream.dbs[0].pattern", "cannot be used", cure, REPLICA,
				"litestream.dbs[0].dir=" + this.directory, "litestream.dbs[0].pattern=" + pattern);
	}

	@Test
	void directoryMissing() {
		assertRefused("litestream.dbs[0].dir", "is no directory", "set watch", REPLICA,
				"litestream.dbs[0].dir=" + this.directory.resolve("none"), "litestream.dbs[0].pattern=*.db");
	}

	@Test
	void directoryThatIsWatchedWithWrongReplica() {
		assertRefused("litestream.dbs[0].replica.url", "is missing", "nats://localhost:4222/bucket",
				"litestream.dbs[0].dir=" + this.directory, "litestream.dbs[0].pattern=*.db",
				"litestream.dbs[0].watch=true");
	}

	private void assertRefused(String key, String problem, String cure, String... properties) {
		this.context.withPropertyValues(properties).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new LitestreamFailureAnalyzer(null).analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).startsWith("The property '" + key + "' ")
				.contains(problem)
				.endsWith(".");
			assertThat(analysis.getAction()).contains(cure).endsWith(".");
			for (Throwable ex = context.getStartupFailure(); ex != null; ex = ex.getCause()) {
				assertThat(ex.toString()).doesNotContain("hush");
			}
			assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("hush");
		});
	}

}
