package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.litestream.LevelOptions;
import dev.litestream.ResyncReason;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.ChildProcess;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A page of the live database rots, and the backup is good: nothing takes its place until
 * somebody has decided which of the two is right.
 */
@Timeout(180)
class DifferenceTests {

	private static final String MARK = "a-text-that-rots";

	/** Snapshots come and go within a second. */
	private static final LevelOptions LEVELS = new LevelOptions(List.of(Duration.ofMillis(100)), Duration.ofMillis(100),
			Duration.ofMillis(100), Duration.ofHours(1), Duration.ofMillis(50), true);

	@TempDir
	Path directory;

	@Test
	@Hazard("G1")
	void rottenDatabaseDoesNotTakeThePlaceOfItsBackup() throws Exception {
		try (Application app = app()) {
			rot(app);
			VerificationResult result = app.database().verify();
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.FAILED);
			assertThat(result.compared()).isTrue();
			assertThat(result.detail()).contains("differs from the database at TXID").contains("pages differ: ");
			requireUndecided(app);
			assertThat(result.detail()).contains("SQLite finds both whole").contains("/accept");
		}
		try (Application app = app()) {
			app.sync();
			requireUndecided(app);
			assertThat(app.database().acceptDatabase()).isTrue();
			assertThat(app.database().acceptDatabase()).as("it is decided").isFalse();
			app.sync();
			assertThat(app.status().counters().resyncsByReason()).containsKey(ResyncReason.BACKUP_DAMAGED);
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
			await().atMost(Application.LONG).until(() -> {
				app.execute("INSERT INTO u VALUES('later')");
				return snapshots(app) <= 3;
			});
		}
	}

	@Test
	void databaseThatIsRestoredIsTheDecision() throws Exception {
		try (Application app = app()) {
			rot(app);
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
		}
		for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
			Files.deleteIfExists(this.directory.resolve("data").resolve(name));
		}
		try (Application app = app()) {
			app.sync();
			assertThat(app.query("SELECT count(*) FROM t WHERE v = '" + MARK + "'")).isEqualTo(1);
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
			assertThat(app.database().acceptDatabase()).isFalse();
		}
	}

	/** Whatever is written, and however often it is looked at. */
	private static void requireUndecided(Application app) throws Exception {
		long before = snapshots(app);
		await().atMost(Application.LONG.multipliedBy(4)).until(() -> {
			app.execute("INSERT INTO u VALUES('goes on')");
			app.sync();
			return snapshots(app) > before + 4;
		});
		// The page that had rotted is replicated by now, as it is.
		app.execute("UPDATE t SET v = v || ''");
		app.sync();
		VerificationResult result = app.database().verify();
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.FAILED);
		assertThat(app.status().counters().resyncsByReason()).doesNotContainKey(ResyncReason.BACKUP_DAMAGED);
	}

	private Application app() throws Exception {
		return new Application(this.directory,
				(o) -> o.levels(LEVELS)
					.syncInterval(Duration.ofMillis(50))
					.minCheckpointPages(10)
					.checkpointInterval(Duration.ofMillis(50)));
	}

	private static long snapshots(Application app) {
		return app.database()
			.ltxFiles()
			.stream()
			.filter((file) -> file.level() == ReplicaClient.SNAPSHOT_LEVEL)
			.count();
	}

	/**
	 * One byte, in the database file, once the page is in no frame of the WAL any more:
	 * each row is longer than all that was written before it, so that a WAL that starts
	 * again covers the frame.
	 */
	private static void rot(Application app) throws Exception {
		app.execute("CREATE TABLE t(v)", "CREATE TABLE u(v)", "INSERT INTO t VALUES('" + MARK + "')");
		app.sync();
		await().atMost(Application.LONG.multipliedBy(4)).until(() -> {
			app.execute("INSERT INTO u VALUES(randomblob(100000))");
			app.sync();
			return !contains(app.wal()) && contains(app.path());
		});
		String found = ChildProcess.output(Application.LONG, List.of("grep", "-abo", MARK, app.path().toString()));
		String offset = found.substring(0, found.indexOf(':'));
		ChildProcess.output(Application.LONG, List.of("sh", "-c", "printf X | dd of='" + app.path()
				+ "' bs=1 conv=notrunc seek=" + (Long.parseLong(offset) + MARK.length() - 1)));
	}

	/** A child process may read the files of a live database; this JVM may not. */
	private static boolean contains(Path file) throws Exception {
		return !ChildProcess
			.output(Application.LONG, List.of("sh", "-c", "grep -ac " + MARK + " '" + file + "' || true"))
			.strip()
			.equals("0");
	}

}
