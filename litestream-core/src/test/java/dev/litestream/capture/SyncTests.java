package dev.litestream.capture;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;

import dev.litestream.MismatchAction;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Mismatch;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.continuity.SameDatabase;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.test.Hazard;
import dev.litestream.threads.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A database that is yet to be judged is not shipped, whatever else asks for it.
 */
class SyncTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("C4")
	void replacingTheBackupDoesNotForestallTheJudgement() throws Exception {
		Path path = this.directory.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement();
				Workers workers = new Workers()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			Spool spool = new Spool(this.directory);
			spool.open();
			KnownPages known = new KnownPages("app", spool, new PageHashes(this.directory), workers);
			LockConnections locks = new LockConnections(path, Duration.ofSeconds(5));
			Sync sync = new Sync(path, known, spool, locks, Clock.systemUTC(), null);
			try {
				synchronized (sync) {
					sync.resync(new Txid(7), ResyncReason.DATABASE_REPLACED, false,
							new SameDatabase(new Mismatch("app", path.toString(), "nowhere", MismatchAction.FAIL, ""),
									Provenance.Remembered.ANOTHER, new DatabaseHeader(1000, 1000, 0), null));
					assertThat(sync.replace(ResyncReason.BACKUP_DAMAGED)).isFalse();
					assertThatExceptionOfType(DatabaseMismatchException.class).isThrownBy(() -> sync.step(0, 0));
					sync.resync(new Txid(7), ResyncReason.WAL_RESET, false, null);
					assertThat(sync.replace(ResyncReason.BACKUP_DAMAGED)).isTrue();
					Step step = sync.step(0, 0);
					assertThat(step).isNotNull();
					assertThat(step.file().minTxid()).isEqualTo(new Txid(8));
					assertThat(step.file().maxTxid()).isEqualTo(new Txid(8));
					assertThat(step.snapshot()).isNotNull();
					assertThat(step.snapshot().minTxid()).isEqualTo(Txid.FIRST);
					assertThat(step.snapshot().maxTxid()).isEqualTo(new Txid(8));
				}
			}
			finally {
				locks.close();
			}
		}
	}

	@Test
	@Hazard("A4")
	void framesThatDoNotArriveAreNotForcedWithoutEnd() throws Exception {
		Path path = this.directory.resolve("app.db");
		Path wal = this.directory.resolve("app.db-wal");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement();
				Workers workers = new Workers()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			Spool spool = new Spool(this.directory);
			spool.open();
			KnownPages known = new KnownPages("app", spool, new PageHashes(this.directory), workers);
			try (LockConnections locks = new LockConnections(path, Duration.ofSeconds(5))) {
				Sync sync = new Sync(path, known, spool, locks, Clock.systemUTC(), null);
				synchronized (sync) {
					sync.resync(Txid.ZERO, ResyncReason.FIRST_SYNC, true, null);
					// As seen by us, SQLite writes it elsewhere.
					try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
						file.setLength(0);
					}
					for (int i = 0; i < 10; i++) {
						assertThat(sync.step(0, 0)).isNull();
						assertThat(sync.needsFrame()).isTrue();
						sync.forcing();
					}
					assertThatExceptionOfType(IOException.class).isThrownBy(sync::forcing)
						.withMessageContaining("have not come to " + wal);
				}
			}
		}
	}

}
