package dev.litestream.nats.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.litestream.RestoreTarget;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;

import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.RestorePlan;
import dev.litestream.restore.Restorer;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts {@link CrashApplication} in a directory, on a bucket of a server, and says
 * afterwards whether its backup holds what was acknowledged.
 */
final class CrashedApplication {

	/**
	 * The original opens all files of a plan, and gives each of them five seconds to be
	 * read to its end (the time limit of nats.go's {@code ObjectStore.Get}). Of those
	 * that take longer it opens one after the other anew, from their first byte, with the
	 * same limit: a large plan is never restored on a busy machine.
	 */
	private static final int ORIGINAL_FILES = 60;

	private static final long ORIGINAL_BYTES = 40_000_000;

	private final Path directory;

	private final String url;

	private int asked;

	CrashedApplication(Path directory, NatsServer nats, String bucket) {
		this.directory = directory;
		this.url = nats.url(bucket);
	}

	Path journal() {
		return this.directory.resolve("journal");
	}

	private Path database() {
		return this.directory.resolve("data").resolve("app.db");
	}

	void createBucket() throws IOException {
		try (NatsReplicaClient client = client()) {
			client.open();
		}
	}

	private NatsReplicaClient client() {
		return new NatsReplicaClient(NatsReplicaUrl.parse(this.url)
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
	}

	ChildProcess start(List<String> jvmOptions) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(ProcessHandle.current().info().command().orElse("java"));
		command.addAll(jvmOptions);
		command.addAll(List.of("-Xmx128m", "-cp", System.getProperty("java.class.path"),
				CrashApplication.class.getName(), database().toString(), this.url, journal().toString()));
		return ChildProcess.start(this.directory.resolve("application.log"), command);
	}

	/**
	 * Restores, and requires that everything acknowledged is there.
	 * @param label says when, if it is not
	 * @param askOriginal whether to compare with what the original restores
	 */
	void verify(String label, boolean askOriginal) throws Exception {
		// A client of its own, connected anew: the server may have been killed.
		try (NatsReplicaClient client = client()) {
			client.open();
			verify(client, label, askOriginal);
		}
	}

	private void verify(NatsReplicaClient client, String label, boolean askOriginal) throws Exception {
		long[] acknowledged = acknowledged();
		if (client.listAll().stream().allMatch((listing) -> listing.isEmpty())) {
			assertThat(acknowledged).containsOnly(0);
			return;
		}
		Path restored = this.directory.resolve("restored.db");
		new Restorer().restore(client, RestoreOptions.latest(restored), null);
		RestorePlan plan = new Restorer().plan(client, RestoreTarget.LATEST);
		if (askOriginal && plan.files().size() <= ORIGINAL_FILES && plan.bytes() <= ORIGINAL_BYTES) {
			this.asked++;
			Path theirs = this.directory.resolve("theirs.db");
			Oracle.restore(this.url, theirs);
			Databases.sameContent(restored, theirs);
			Files.delete(theirs);
		}
		assertThat(Databases.integrity(restored)).as(label).isEqualTo("ok");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + restored);
				Statement statement = connection.createStatement()) {
			for (int writer = 0; writer < CrashApplication.WRITERS; writer++) {
				requireRows(statement, writer, acknowledged[writer], label);
			}
			try (ResultSet sum = statement.executeQuery("SELECT sum(amount) FROM account")) {
				sum.next();
				assertThat(sum.getLong(1)).as("half a transaction, " + label).isEqualTo(3000);
			}
		}
		delete(restored);
	}

	private static void requireRows(Statement statement, int writer, long acknowledged, String label)
			throws SQLException {
		long expected = 0;
		try (ResultSet rows = statement
			.executeQuery("SELECT seq, payload FROM entry WHERE writer=" + writer + " ORDER BY seq")) {
			while (rows.next()) {
				// The oldest rows are deleted; from there on none is missing.
				expected = (expected == 0) ? rows.getLong(1) : expected + 1;
				assertThat(rows.getLong(1)).isEqualTo(expected);
				assertThat(rows.getBytes(2)).isEqualTo(CrashApplication.payload(writer, expected));
			}
		}
		assertThat(expected).as("rows of writer " + writer + ", " + label).isGreaterThanOrEqualTo(acknowledged);
	}

	/** For each writer the last row that the replica has acknowledged. */
	long[] acknowledged() throws IOException {
		long[] acknowledged = new long[CrashApplication.WRITERS];
		if (Files.exists(journal())) {
			// A line cut short by the kill does not count.
			String text = Files.readString(journal());
			for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
				String[] columns = line.split(" ");
				for (int i = 0; i < acknowledged.length; i++) {
					acknowledged[i] = Math.max(acknowledged[i], Long.parseLong(columns[i]));
				}
			}
		}
		return acknowledged;
	}

	/** How often the original has restored, too. */
	int asked() {
		return this.asked;
	}

	void deleteDatabase() throws IOException {
		delete(database().getParent());
	}

	private static void delete(Path path) throws IOException {
		if (Files.exists(path)) {
			try (var files = Files.walk(path)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(file);
				}
			}
		}
	}

}
