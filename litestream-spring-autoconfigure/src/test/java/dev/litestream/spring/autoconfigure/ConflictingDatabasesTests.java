package dev.litestream.spring.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Litestream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two configured databases that would write to the same place stop the start-up. The
 * engine refuses them; both properties are named.
 */
class ConflictingDatabasesTests {

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class));

	@TempDir
	Path directory;

	private final List<String> properties = new ArrayList<>();

	private void database(int index, String path, String replica) {
		set(index, "path", this.directory.resolve(path).toString());
		set(index, "replica.path", this.directory.resolve(replica).toString());
	}

	private void directory(int index, String path, String pattern, String replica) {
		set(index, "dir", this.directory.resolve(path).toString());
		set(index, "pattern", pattern);
		set(index, "watch", "true");
		set(index, "replica.path", this.directory.resolve(replica).toString());
	}

	private void set(int index, String key, String value) {
		this.properties.add("litestream.dbs[" + index + "]." + key + "=" + value);
	}

	@Test
	void databaseBehindLinkedDirectory() throws Exception {
		Files.createDirectory(this.directory.resolve("data"));
		Files.createSymbolicLink(this.directory.resolve("link"), this.directory.resolve("data"));
		database(0, "data/app.db", "replica");
		database(1, "link/app.db", "other");
		set(1, "name", "other");
		assertRefused("litestream.dbs[1].path", "replicated already, see also litestream.dbs[0].path",
				"Configure each database once");
	}

	@Test
	void replicaBehindLink() throws Exception {
		Files.createDirectory(this.directory.resolve("replica"));
		Files.createSymbolicLink(this.directory.resolve("link"), this.directory.resolve("replica"));
		database(0, "a.db", "replica/app");
		database(1, "b.db", "link/app");
		assertRefused("litestream.dbs[1].replica", "litestream.dbs[0].replica writes to already", "its own replica");
	}

	@Test
	void spoolOfAnotherDatabase() {
		database(0, "a.db", "replica-a");
		database(1, "b.db", "replica-b");
		set(0, "meta-path", this.directory.resolve("spool").toString());
		set(1, "meta-path", this.directory.resolve("other/../spool").toString());
		assertRefused("litestream.dbs[1].meta-path", "litestream.dbs[0].meta-path writes to already",
				"its own replica");
	}

	@Test
	void replicaInSpool() {
		database(0, "a.db", ".a.db-litestream");
		assertRefused("litestream.dbs[0].replica", "litestream.dbs[0].meta-path writes to already", "its own replica");
	}

	@ParameterizedTest
	@CsvSource({ "a, a/ltx", "a, a/ltx/0", "a, a/ltx/0/b", "a/ltx/0, a", "a, a/generations/0123456789abcdef",
			"a/ltx/9/x, a" })
	void replicaAmongTheFilesOfAnother(String first, String second) {
		database(0, "a.db", first);
		database(1, "b.db", second);
		String inner = first.length() > second.length() ? "0" : "1";
		String outer = inner.equals("0") ? "1" : "0";
		assertRefused("litestream.dbs[" + inner + "].replica",
				"below litestream.dbs[" + outer + "].replica, among its files", "another place");
	}

	@ParameterizedTest
	@CsvSource({ "a, a/ltx/0", "a/ltx/0, a", "a/ltx, a", "a, a/ltx/b/c" })
	void replicaAmongTheFilesOfAnotherInNats(String first, String second) {
		nats(0, first, "bucket");
		nats(1, second, "bucket");
		String inner = first.length() > second.length() ? "0" : "1";
		String outer = inner.equals("0") ? "1" : "0";
		assertRefused("litestream.dbs[" + inner + "].replica",
				"below litestream.dbs[" + outer + "].replica, among its files", "another place");
	}

	@ParameterizedTest
	@CsvSource({ "a, b", "a, ab", "ab, a", "a, a/b", "a/b, a", "a, a/ltxs", "a/ltx/0, ab", "a/b/ltx, a",
			"a, a/generations/of-people" })
	void replicasThatShareNoFiles(String first, String second) {
		database(0, "a.db", first);
		database(1, "b.db", second);
		nats(2, first, "bucket");
		nats(3, second, "bucket");
		nats(4, first + "/ltx/0", "other");
		this.context.withPropertyValues(this.properties.toArray(String[]::new))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private void nats(int index, String path, String bucket) {
		set(index, "path", this.directory.resolve("nats" + index + ".db").toString());
		set(index, "replica.url", "nats://127.0.0.1:1/" + bucket + (path.isEmpty() ? "" : "/" + path));
		set(index, "restore.on-startup", "never");
	}

	@Test
	void spoolAmongTheFilesOfAReplica() {
		database(0, "a.db", "replica");
		database(1, "b.db", "other");
		set(1, "meta-path", this.directory.resolve("replica/ltx/spool").toString());
		assertRefused("litestream.dbs[1].meta-path", "below litestream.dbs[0].replica, among its files",
				"another place");
	}

	@ParameterizedTest
	@CsvSource({ "0, 1", "1, 0" })
	void databaseInDirectory(int database, int directory) {
		database(database, "data/app.db", "replica");
		directory(directory, "data", "*.db", "replicas");
		assertRefused("litestream.dbs[" + database + "].path",
				"litestream.dbs[" + directory + "].dir replicates already", "pattern that does not match");
	}

	@Test
	void databaseFurtherDownInDirectory() {
		directory(0, "data", "*.db", "replicas");
		set(0, "recursive", "true");
		database(1, "data/tenants/app.db", "replica");
		assertRefused("litestream.dbs[1].path", "litestream.dbs[0].dir replicates already",
				"pattern that does not match");
	}

	@Test
	void directoryInDirectory() {
		directory(0, "data/tenants", "*.db", "replicas-tenants");
		directory(1, "data", "*.db", "replicas");
		set(1, "recursive", "true");
		assertRefused("litestream.dbs[1].dir", "and litestream.dbs[0].dir have the same files", "Remove one");
	}

	@Test
	void directoriesOfOneReplica() {
		directory(0, "data/a", "*.db", "replicas");
		directory(1, "data/b", "*.db", "replicas");
		assertRefused("litestream.dbs[1].replica", "litestream.dbs[0].replica writes to already", "its own replica");
	}

	@Test
	void whatIsApartIsAccepted() throws Exception {
		Files.createDirectories(this.directory.resolve("data/tenants"));
		directory(0, "data", "*.db", "replicas/data");
		directory(1, "data/tenants", "*.db", "replicas/tenants");
		directory(2, "data", "*.sqlite", "replicas/sqlite");
		database(3, "data/app.sqlite3", "replicas/app");
		database(4, "data/other/app.db", "replicas/other");
		this.context.withPropertyValues(this.properties.toArray(String[]::new)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Litestream.class).databases()).hasSize(2);
		});
	}

	private void assertRefused(String key, String problem, String cure) {
		this.context.withPropertyValues(this.properties.toArray(String[]::new)).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new LitestreamFailureAnalyzer(new StandardEnvironment())
				.analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).startsWith("The property '" + key + "' ").contains(problem);
			assertThat(analysis.getAction()).contains(cure);
		});
	}

}
