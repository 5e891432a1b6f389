package dev.litestream.capture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.spool.Spool;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.threads.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What others do at every moment of a checkpoint: just before and just after SQLite moves
 * frames, and whenever locks are handed over.
 */
@Timeout(60)
class CheckpointerTests {

	private static final int BUSY = 5;

	@TempDir
	Path directory;

	/** Files that were forced to disk. */
	private final Set<Path> forced = new HashSet<>();

	private final List<String> trace = new ArrayList<>();

	/** What happens at each moment of the checkpoint. */
	private Moment moment = (where) -> {
	};

	private Workers workers;

	private Connection application;

	private Connection foreign;

	private LockConnections locks;

	private Spool spool;

	private Sync sync;

	private Checkpointer checkpointer;

	@BeforeEach
	void open() throws Exception {
		this.workers = new Workers();
		this.application = connect();
		execute(this.application, "PRAGMA journal_mode=WAL", "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		this.foreign = connect();
		this.spool = new Spool(this.directory, this.forced::add);
		this.spool.open();
		this.locks = new LockConnections(path(), Duration.ofSeconds(5));
		KnownPages known = new KnownPages("app", this.spool, new PageHashes(this.directory), this.workers);
		this.sync = new Sync(path(), known, this.spool, this.locks, Clock.systemUTC(), null);
		synchronized (this.sync) {
			this.sync.resync(Txid.ZERO, ResyncReason.FIRST_SYNC, false, null);
			drain();
		}
		this.checkpointer = new Checkpointer(this.sync, this.spool, this.locks, (offset) -> {
			at("before a hand-over's sync");
			drain();
			at("after a hand-over's sync");
		}, () -> {
			at("before a checkpoint");
			boolean all = this.locks.checkpointPassive();
			at("after a checkpoint");
			return all;
		});
	}

	@AfterEach
	void close() throws SQLException {
		this.application.close();
		this.foreign.close();
		this.locks.close();
		this.workers.close();
	}

	/**
	 * Whoever checkpoints as hard as he can, the WAL starts anew only where everything in
	 * it has been read; commits that come meanwhile are in the next file.
	 */
	@Test
	@Hazard("A1")
	@Hazard("A2")
	void noFrameLeavesTheWalUnreadAtAnyMoment() throws Exception {
		commit();
		this.moment = (where) -> {
			boolean written = commit();
			byte[] header = walHeader();
			execute(this.foreign, "PRAGMA wal_checkpoint(RESTART)");
			written |= commit();
			if (written) {
				assertThat(walHeader()).as("the WAL %s", where).isEqualTo(header);
			}
		};
		this.checkpointer.run();
		this.checkpointer.run();
		assertThat(this.trace).contains("before a checkpoint", "after a checkpoint");
		this.moment = (where) -> {
		};
		commit();
		requireEqual();
	}

	/** Under the write lock there is nobody to wait for the disk for long. */
	@Test
	@Hazard("F10")
	void whatTheReplicaHasNotIsOnDiskBeforeItsFramesMayLeaveTheWal() throws Exception {
		Set<Boolean> locked = new HashSet<>();
		this.moment = (where) -> {
			if (isWriteLocked()) {
				locked.add(where.contains("checkpoint"));
				Set<Path> unforced = files();
				unforced.removeAll(this.forced);
				if (where.contains("checkpoint")) {
					assertThat(unforced).as("not on disk %s", where).isEmpty();
					assertThat(this.forced).contains(this.directory.resolve("ltx/0"));
				}
				else if (where.startsWith("before a hand-over")) {
					assertThat(unforced).as("left for the time under the write lock").isEmpty();
				}
			}
			else if (where.startsWith("before a hand-over")) {
				commit();
			}
		};
		commit();
		this.checkpointer.run();
		assertThat(locked).containsExactlyInAnyOrder(true, false);
	}

	/** A commit between the bulk and the write lock is still to be forced there. */
	@Test
	@Hazard("F10")
	void whatIsCommittedJustBeforeTheWriteLockIsTakenIsForcedToo() throws Exception {
		this.moment = (where) -> {
			if (where.equals("after a checkpoint") && !isWriteLocked()) {
				commit();
			}
			if (where.equals("before a checkpoint") && isWriteLocked()) {
				Set<Path> unforced = files();
				unforced.removeAll(this.forced);
				assertThat(unforced).isEmpty();
				this.trace.add("looked");
			}
		};
		commit();
		this.checkpointer.run();
		assertThat(this.trace).contains("looked");
	}

	/** It waits for nothing that it has to do itself. */
	@Test
	void itIsKnownWhetherLocksAreHandedOver() throws Exception {
		this.moment = (where) -> assertThat(this.checkpointer.isHandingOver()).as(where)
			.isEqualTo(where.contains("hand-over"));
		commit();
		this.checkpointer.run();
		assertThat(this.trace).isNotEmpty();
		assertThat(this.checkpointer.isHandingOver()).isFalse();
	}

	/** Under the write lock nothing is left to sync, if nobody has written meanwhile. */
	@Test
	void theBulkIsSyncedBeforeTheWriteLockIsTaken() throws Exception {
		Set<Boolean> locked = new HashSet<>();
		this.moment = (where) -> {
			if (where.startsWith("before a hand-over")) {
				boolean now = isWriteLocked();
				locked.add(now);
				assertThat(this.sync.isAtEndOfWal()).as("under the write lock: %s", now).isEqualTo(now);
			}
		};
		commit();
		this.checkpointer.run();
		assertThat(locked).containsExactlyInAnyOrder(true, false);
	}

	/** Writers wait for the tail: a long one is worth another round, but not for ever. */
	@ParameterizedTest
	@CsvSource({ "9000, 1", "3000000, 4" })
	void longTailsAreWorthMoreRounds(int bytes, int rounds) throws Exception {
		this.moment = (where) -> {
			if (where.equals("after a checkpoint") && !isWriteLocked()) {
				this.trace.add("round");
				execute(this.application, "INSERT INTO t(v) VALUES(randomblob(" + bytes + "))");
			}
		};
		commit();
		this.checkpointer.run();
		assertThat(this.trace).filteredOn("round"::equals).hasSize(rounds);
		requireEqual();
	}

	/**
	 * What is checkpointed under the write lock only is not in the database when the lock
	 * is taken there.
	 */
	@Test
	@Hazard("A5")
	void theWalStartsAnewAfterACommitThatCameLate() throws Exception {
		this.moment = (where) -> {
			if (where.equals("after a checkpoint") && !isWriteLocked()) {
				commit();
			}
		};
		commit();
		byte[] header = walHeader();
		this.checkpointer.run();
		assertThat(walHeader()).isEqualTo(header);
		commit();
		assertThat(walHeader()).isNotEqualTo(header);
		requireEqual();
	}

	/** After a checkpoint the next commit starts the WAL anew, and is not missed. */
	@Test
	@Hazard("A5")
	void theWalStartsAnewAfterwards() throws Exception {
		for (int i = 0; i < 3; i++) {
			commit();
			byte[] header = walHeader();
			this.checkpointer.run();
			assertThat(walHeader()).as("not by the checkpoint itself").isEqualTo(header);
			commit();
			assertThat(walHeader()).as("by the next commit").isNotEqualTo(header);
		}
		requireEqual();
	}

	private void at(String where) {
		this.trace.add(where);
		try {
			this.moment.happens(where);
		}
		catch (SQLException | IOException ex) {
			throw new IllegalStateException(where, ex);
		}
	}

	private void drain() throws IOException, SQLException {
		for (Step step = this.sync.step(0, 0); step != null; step = this.sync.step(0, 0)) {
			assertThat(step.resync()).isIn(null, ResyncReason.FIRST_SYNC);
			this.spool.store(step.file());
		}
	}

	/**
	 * Commits, unless the checkpoint holds the write lock.
	 * @return whether it could
	 */
	private boolean commit() throws SQLException {
		try {
			execute(this.application, "INSERT INTO t(v) VALUES(randomblob(9000))");
			return true;
		}
		catch (SQLException ex) {
			assertThat(ex.getErrorCode()).isEqualTo(BUSY);
			return false;
		}
	}

	private boolean isWriteLocked() throws SQLException {
		try {
			execute(this.foreign, "BEGIN IMMEDIATE", "ROLLBACK");
			return false;
		}
		catch (SQLException ex) {
			assertThat(ex.getErrorCode()).isEqualTo(BUSY);
			return true;
		}
	}

	/** What was spooled restores to what the application has. */
	private void requireEqual() throws Exception {
		synchronized (this.sync) {
			drain();
		}
		Path restored = this.directory.resolve("restored.db");
		Path live = this.directory.resolve("live.db");
		FileReplicaClient spooled = new FileReplicaClient(this.directory);
		spooled.open();
		new Restorer().restore(spooled, new RestoreOptions(restored, RestoreTarget.LATEST, IntegrityCheck.FULL, false),
				null);
		Files.write(live, this.application.unwrap(org.sqlite.SQLiteConnection.class).serialize("main"));
		Databases.sameContent(restored, live);
	}

	private Set<Path> files() throws IOException {
		try (var files = Files.list(this.directory.resolve("ltx/0"))) {
			return new HashSet<>(files.toList());
		}
	}

	private byte[] walHeader() throws IOException {
		try (InputStream wal = Files.newInputStream(path().resolveSibling("app.db-wal"))) {
			return wal.readNBytes(32);
		}
	}

	private Path path() {
		return this.directory.resolve("app.db");
	}

	private Connection connect() throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path());
		execute(connection, "PRAGMA busy_timeout=0", "PRAGMA wal_autocheckpoint=0");
		return connection;
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/** Something that happens during a checkpoint. */
	@FunctionalInterface
	private interface Moment {

		void happens(String where) throws SQLException, IOException;

	}

}
