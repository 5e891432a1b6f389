package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A restore in a process of its own that is killed.
 */
@Timeout(120)
@Hazard("E3")
class RestoreKillTests {

	@TempDir
	private Path temp;

	private Path output;

	private History history;

	private FileReplicaClient client;

	@BeforeEach
	void fillReplica() throws IOException {
		this.output = this.temp.resolve("restored/app.db");
		this.client = new FileReplicaClient(this.temp.resolve("replica"));
		this.client.open();
		this.history = new History(this.client, 4096, this.temp);
		byte[] image = new byte[4096 * 600];
		new Random(1).nextBytes(image);
		this.history.add(image);
		byte[] changed = image.clone();
		changed[0]++;
		this.history.add(changed);
	}

	@Test
	void aKilledRestoreLeavesNoDatabaseAndTheNextOneCleansUp() throws Exception {
		Process process = start();
		try {
			await().atMost(Duration.ofSeconds(60)).until(() -> staged() > 1);
			assertThat(this.output).doesNotExist();
		}
		finally {
			process.destroyForcibly();
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		}
		assertThat(names()).hasSize(1).allMatch((name) -> name.startsWith(".app.db.restore-"));
		restore();
		assertThat(names()).containsExactly("app.db");
		assertThat(this.output).hasBinaryContent(this.history.image(2));
	}

	@Test
	void aRunningRestoreOfAnotherProcessIsLeftAlone() throws Exception {
		Process process = start();
		try {
			await().atMost(Duration.ofSeconds(60)).until(() -> staged() > 1);
			restore();
			assertThat(names()).hasSize(2);
			assertThat(staged()).isGreaterThan(1);
		}
		finally {
			process.destroyForcibly();
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
		}
	}

	private void restore() throws IOException {
		new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
	}

	private Process start() throws IOException {
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), StuckRestore.class.getName(),
				this.temp.resolve("replica").toString(), this.output.toString())
			.redirectErrorStream(true)
			.redirectOutput(this.temp.resolve("process.log").toFile())
			.start();
	}

	/** How many files the staging directory holds: lock and image. */
	private long staged() throws IOException {
		for (String name : names()) {
			if (name.startsWith(".app.db.restore-")) {
				try (Stream<Path> files = Files.list(this.output.resolveSibling(name))) {
					return files.count();
				}
			}
		}
		return 0;
	}

	private List<String> names() throws IOException {
		if (!Files.isDirectory(this.output.getParent())) {
			return List.of();
		}
		try (Stream<Path> files = Files.list(this.output.getParent())) {
			return files.map((path) -> path.getFileName().toString()).toList();
		}
	}

	/** Restores until the middle of the database, and waits there. */
	static final class StuckRestore {

		private StuckRestore() {
		}

		public static void main(String[] arguments) throws Exception {
			FileReplicaClient client = new FileReplicaClient(Path.of(arguments[0]));
			client.open();
			new Restorer().restore(client, RestoreOptions.latest(Path.of(arguments[1])), (pgno, page, pageSize) -> {
				if (pgno == 300) {
					try {
						new CountDownLatch(1).await();
					}
					catch (InterruptedException ex) {
						throw new IOException(ex);
					}
				}
			});
		}

	}

}
