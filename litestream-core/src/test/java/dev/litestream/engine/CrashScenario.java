package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;

import dev.litestream.LevelOptions;

import static org.awaitility.Awaitility.await;

/**
 * What an application is about when it is aborted: the state it starts from, and what it
 * does.
 */
enum CrashScenario {

	/** Writes, syncs and checkpoints, then stops in order. */
	WRITING,

	/** Writes and checkpoints while the replica is away. */
	OFFLINE,

	/** Starts with files in the spool that the replica lacks. */
	PENDING {

		@Override
		void prepare(Path directory) throws Exception {
			GatedReplica replica = CrashingApplication.replica(directory);
			replica.shut();
			try (Application app = new Application(directory, replica,
					(o) -> o.shutdownSyncTimeout(Duration.ofMillis(10)))) {
				for (int i = 0; i < 3; i++) {
					long files = files(app.spool());
					CrashingApplication.insert(app.connection);
					await().atMost(Application.LONG).until(() -> files(app.spool()) > files);
				}
			}
		}

	},

	/** Starts without a spool. */
	SPOOL_LOST {

		@Override
		void prepare(Path directory) throws Exception {
			ReplicationTests.deleteRecursively(directory.resolve("data/.app.db-litestream"));
		}

	},

	/**
	 * Starts with a replica that lacks a file in the middle, and begins anew with a
	 * snapshot.
	 */
	REPLICA_GAP {

		@Override
		void prepare(Path directory) throws Exception {
			Files.delete(directory.resolve("replica/ltx/0/0000000000000003-0000000000000003.ltx"));
			// Nothing of what was acknowledged is there for now.
			Files.delete(CrashingApplication.journal(directory));
		}

	},

	/**
	 * Starts with a database that was written to meanwhile, without its WAL and without
	 * the hashes of what the replica holds.
	 */
	RESYNCING {

		@Override
		void prepare(Path directory) throws Exception {
			Path database = directory.resolve("data/app.db");
			try (Connection shell = DriverManager.getConnection("jdbc:sqlite:" + database)) {
				CrashingApplication.insert(shell);
			}
			Files.delete(directory.resolve("data/.app.db-litestream/pages"));
		}

	},

	/** Starts without a database, and restores. */
	RESTORING {

		@Override
		void prepare(Path directory) throws Exception {
			ReplicationTests.deleteRecursively(directory.resolve("data"));
		}

	},

	/** Writes while the replica's files are merged and expire within a second. */
	COMPACTING {

		@Override
		LevelOptions levels() {
			return new LevelOptions(List.of(Duration.ofMillis(200), Duration.ofSeconds(1)), Duration.ofMillis(700),
					Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofMillis(100), true);
		}

	},

	/** Deletes from the replica what its newest snapshot covers. */
	DELETING {

		@Override
		void prepare(Path directory) throws Exception {
			REPLICA_GAP.prepare(directory);
			try (Application app = new Application(directory)) {
				app.sync();
			}
		}

	};

	/**
	 * Changes what an application with a short history left.
	 * @param directory the application's
	 * @throws Exception if that fails
	 */
	void prepare(Path directory) throws Exception {
		// It starts from just that.
	}

	/** How the application works on the replica's levels. */
	LevelOptions levels() {
		return LevelOptions.DEFAULTS;
	}

	private static long files(Path directory) throws Exception {
		try (var files = Files.list(directory)) {
			return files.filter((file) -> file.toString().endsWith(".ltx")).count();
		}
	}

}
