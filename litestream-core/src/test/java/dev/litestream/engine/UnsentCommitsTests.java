package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Commits that were made while the replica could not be reached are in the spool only, if
 * the database file is lost too.
 */
@Timeout(120)
class UnsentCommitsTests {

	@TempDir
	Path directory;

	private GatedReplica replica;

	@BeforeEach
	void openReplica() {
		this.replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
	}

	@Test
	void areRestoredThroughTheSpool() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('replicated')");
			app.sync();
		}
		unsent();
		delete();
		openReplica();
		try (Application app = app()) {
			assertThat(app.query("SELECT count(*) FROM t WHERE v LIKE 'unsent%'")).isEqualTo(3);
			app.requireReplicaEqual();
			app.execute("INSERT INTO t VALUES('afterwards')");
			app.requireReplicaEqual();
		}
		assertThat(aside()).isEmpty();
		openReplica();
		try (Application app = app()) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncs()).as("it is as it was").isZero();
		}
	}

	/** It was emptied, and the spool has all files from the first one on. */
	@Test
	void areRestoredThoughTheReplicaIsEmpty() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('replicated')");
			app.sync();
		}
		unsent();
		delete();
		shell("rm -r '" + this.directory.resolve("replica") + "'");
		openReplica();
		try (Application app = app()) {
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(4);
			app.requireReplicaEqual();
		}
	}

	/** What is behind a damaged file cannot be used, but is not deleted. */
	@Test
	void areKeptIfTheyCannotBeRestored() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('replicated')");
			app.sync();
		}
		unsent();
		delete();
		List<Path> files = files();
		Path damaged = files.get(files.size() - 2);
		byte[] bytes = Files.readAllBytes(damaged);
		bytes[bytes.length / 2] ^= 1;
		Files.write(damaged, bytes);
		openReplica();
		try (Application app = app()) {
			assertThat(app.query("SELECT count(*) FROM t WHERE v LIKE 'unsent%'")).isOne();
			app.requireReplicaEqual();
		}
		assertThat(aside()).hasSize(2);
	}

	/** The replica has gone on without this spool. */
	@Test
	void areKeptIfAnotherHistoryIsInTheReplica() throws Exception {
		try (Application app = app()) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('replicated')");
			app.sync();
		}
		unsent();
		delete();
		shell("mv '" + meta() + "' '" + this.directory.resolve("kept") + "'");
		openReplica();
		try (Application app = app()) {
			app.execute("INSERT INTO t VALUES('elsewhere')");
			app.sync();
		}
		delete();
		shell("rm -r '" + meta() + "'; mv '" + this.directory.resolve("kept") + "' '" + meta() + "'");
		openReplica();
		try (Application app = app()) {
			assertThat(app.query("SELECT count(*) FROM t WHERE v LIKE 'unsent%'")).isZero();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = 'elsewhere'")).isOne();
			app.requireReplicaEqual();
		}
		assertThat(aside()).isNotEmpty();
	}

	private void unsent() throws Exception {
		openReplica();
		try (Application app = app()) {
			app.sync();
			this.replica.shut();
			for (int i = 0; i < 3; i++) {
				int files = files().size();
				app.execute("INSERT INTO t VALUES('unsent " + i + "')");
				await().atMost(Application.LONG).until(() -> files().size() > files);
			}
		}
	}

	private Application app() throws Exception {
		return new Application(this.directory, this.replica, (o) -> o.shutdownSyncTimeout(Duration.ofMillis(300)));
	}

	private void delete() throws Exception {
		shell("rm -f '" + path() + "' '" + path() + "-wal' '" + path() + "-shm'");
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> files = Files.list(spool())) {
			return files.filter((file) -> file.toString().endsWith(".ltx")).sorted().toList();
		}
	}

	private List<Path> aside() throws IOException {
		try (Stream<Path> files = Files.walk(meta())) {
			return files.filter((file) -> file.getParent().getFileName().toString().startsWith("aside-")).toList();
		}
	}

	private Path path() {
		return this.directory.resolve("data").resolve("app.db");
	}

	private Path meta() {
		return path().resolveSibling(".app.db-litestream");
	}

	private Path spool() {
		return meta().resolve("ltx").resolve("0");
	}

	private static void shell(String command) throws Exception {
		ChildProcess.output(Application.LONG, List.of("sh", "-c", command));
	}

}
