package dev.litestream.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeMap;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.test.Hazard;
import dev.litestream.threads.Workers;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What one step takes from the database and its WAL, and where the next one goes on.
 */
@Timeout(60)
class SyncStepTests {

	@TempDir
	Path directory;

	private Workers workers;

	private Connection application;

	private Spool spool;

	private KnownPages known;

	private LockConnections locks;

	private Sync sync;

	@BeforeEach
	void open() throws Exception {
		this.workers = new Workers();
		this.application = DriverManager.getConnection("jdbc:sqlite:" + path());
		execute("PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
				"CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		this.spool = new Spool(this.directory);
		this.spool.open();
		this.known = new KnownPages("app", this.spool, new PageHashes(this.directory), this.workers);
	}

	@AfterEach
	void close() throws SQLException {
		this.application.close();
		if (this.locks != null) {
			this.locks.close();
		}
		this.workers.close();
	}

	/** The file is larger than what is read ahead, and most of it is not in the WAL. */
	@Test
	void everyPageOfTheDatabaseIsShipped() throws Exception {
		execute(rows(300), "PRAGMA wal_checkpoint(PASSIVE)", "UPDATE t SET v = randomblob(3000) WHERE id % 50 = 1");
		first();
		Step step = step();
		requireContent(step.file());
		assertThat(step.resync()).isEqualTo(ResyncReason.FIRST_SYNC);
		assertThat(step.shipped()).isEqualTo(new Step.Shipped(pageCount(), pageCount()));
		assertThat(this.sync.databaseSize()).isEqualTo(content().length);
		assertThat(this.sync.walSize()).isEqualTo(place().position().offset());
		assertThat(this.sync.generation()).isEqualTo(ByteBuffer.wrap(Files.readAllBytes(wal())).getInt(16));
	}

	/** They are judged before they are shipped, and some are in the WAL. */
	@Test
	void pagesMayBeReadInAnyOrder() throws Exception {
		execute(rows(300), "PRAGMA wal_checkpoint(PASSIVE)", "UPDATE t SET v = randomblob(3000) WHERE id = 200");
		byte[] expected = content();
		try (WalReader reader = WalReader.open(wal())) {
			assertThat(reader).isNotNull();
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			DatabasePages pages = new DatabasePages(reader, scan, DatabaseFile.at(path()), scan.commit());
			byte[] page = new byte[4096];
			for (int pgno : new int[] { 1, 2, 150, 151, 3, 290, 64, 65, 1, 64, 65 }) {
				pages.read(pgno, page);
				assertThat(page).as("page %s", pgno)
					.isEqualTo(Arrays.copyOfRange(expected, (pgno - 1) * 4096, pgno * 4096));
			}
			for (long pgno = 1; pgno <= scan.commit(); pgno++) {
				assertThat(pages.isInWal(pgno)).isEqualTo(scan.pages().offset(pgno) >= 0);
			}
			assertThat(pages.isInWal(2)).isFalse();
			assertThat(pages.pageSize()).isEqualTo(4096);
		}
	}

	/** It was begun by a transaction that has not been committed yet. */
	@Test
	@Hazard("B4")
	void walWithoutACommitAddsNothing() throws Exception {
		execute(rows(20), "PRAGMA wal_checkpoint(PASSIVE)");
		long pages = pageCount();
		try (Connection spilling = DriverManager.getConnection("jdbc:sqlite:" + path());
				Statement statement = spilling.createStatement()) {
			statement.execute("PRAGMA cache_size=5");
			statement.execute("BEGIN");
			statement.execute(rows(100));
			first();
			Step step = step();
			assertThat(step.walBytes()).isEqualTo(32);
			assertThat(header(step.file()).commit()).isEqualTo(pages);
			statement.execute("ROLLBACK");
			requireContent(step.file());
		}
	}

	@Test
	void whatIsKnownIsShippedOnlyOfTheLastTransactionAndIfASnapshotIsDue() throws Exception {
		execute(rows(20), "UPDATE t SET v = zeroblob(3000) WHERE id = 9");
		first();
		Step whole = step();
		this.spool.store(whole.file());
		this.known.acknowledged(whole.file());
		this.known.update();
		execute("UPDATE t SET v = randomblob(2500) WHERE id = 3", "UPDATE t SET v = randomblob(3000) WHERE id = 9");
		long end = wal().toFile().length();
		execute("UPDATE t SET v = zeroblob(3000) WHERE id = 9");
		this.sync.resync(Txid.FIRST, ResyncReason.WAL_RESET, false, null);
		Step difference = step();
		assertThat(difference.snapshot()).isNull();
		assertThat(difference.shipped()).as("the first page, and those of two rows")
			.isEqualTo(new Step.Shipped(3, pageCount()));
		assertThat(pages(difference.file())).hasSize(3).containsKeys(1L).containsKeys(framesFrom(end));
		// The next start compares the frames behind that with the file.
		LtxHeader header = header(difference.file());
		assertThat(header.walOffset()).isEqualTo(end);
		assertThat(header.walSize()).isEqualTo(wal().toFile().length() - end);
		this.sync.resync(new Txid(2), ResyncReason.BACKUP_DAMAGED, true, null);
		Step snapshot = step();
		requireContent(snapshot.file());
		assertThat(snapshot.snapshot()).isNotNull();
		requireContent(snapshot.snapshot());
	}

	@Test
	void stepTellsHowMuchOfTheWalItCovers() throws Exception {
		first();
		step();
		assertThat(this.sync.isAtEndOfWal()).isTrue();
		assertThat(this.sync.extendsBy(0)).isFalse();
		long before = wal().toFile().length();
		execute(rows(3));
		assertThat(this.sync.isAtEndOfWal()).isFalse();
		long committed = wal().toFile().length() - before;
		assertThat(this.sync.extendsBy(committed - 1)).isTrue();
		assertThat(this.sync.extendsBy(committed)).isFalse();
		assertThat(step().walBytes()).isEqualTo(committed);
		assertThat(this.sync.isAtEndOfWal()).isTrue();
	}

	@Test
	void historyThatIsGivenUpGoesOnNowhere() throws Exception {
		first();
		assertThat(this.sync.isAtEndOfWal()).as("before the first step").isFalse();
		assertThat(this.sync.extendsBy(1 << 20)).as("whatever there is").isTrue();
		assertThat(this.sync.generation()).isZero();
		step();
		assertThat(this.sync.isContinuationKnown()).isTrue();
		this.sync.abandon();
		assertThat(this.sync.isContinuationKnown()).isFalse();
		assertThat(this.sync.isAtEndOfWal()).isFalse();
		execute(rows(1));
		assertThat(nextStep()).isNull();
	}

	/** The files that follow are never earlier than those before, whatever the clock. */
	@Test
	void timestampsGoOnAfterTheNewestOfTheReplica() throws Exception {
		Instant later = Instant.parse("2100-01-01T00:00:00Z");
		first();
		this.sync.startTimestampsAfter(later);
		assertThat(header(step().file()).createdAt()).isEqualTo(later);
	}

	@Test
	void walThatLosesItsNameIsGone() throws Exception {
		first();
		assertThat(this.sync.isWalGone()).isFalse();
		Files.move(wal(), this.directory.resolve("elsewhere"));
		assertThat(this.sync.isWalGone()).isTrue();
		Files.move(this.directory.resolve("elsewhere"), wal());
	}

	/** A truncated WAL needs a frame, but only until it has one. */
	@Test
	void frameThatArrivedIsNotForcedAgain() throws Exception {
		execute("PRAGMA wal_checkpoint(TRUNCATE)");
		first();
		assertThat(nextStep()).isNull();
		assertThat(this.sync.needsFrame()).isTrue();
		this.locks.forceFrame();
		step();
		this.sync.resync(this.sync.txid(), ResyncReason.WAL_RESET, false, null);
		assertThat(this.sync.needsFrame()).isFalse();
	}

	@Test
	@Hazard("G1")
	void locksThatWereGoneMakeAResyncDue() throws Exception {
		first();
		step();
		this.sync.locksLost();
		execute(rows(3));
		assertThat(this.sync.isAtEndOfWal()).isFalse();
		Step step = step();
		assertThat(step.resync()).isEqualTo(ResyncReason.LOCKS_LOST);
		requireContent(step.file());
		assertThat(this.sync.isAtEndOfWal()).isTrue();
	}

	/** The lock taken anew keeps the WAL as the first one did. */
	@Test
	@Hazard("G1")
	void locksThatWereGoneAreTakenAgain() throws Exception {
		first();
		step();
		execute(rows(3));
		this.sync.locksLost();
		assertThat(this.locks.checkpointPassive()).as("whether the old lock is gone").isTrue();
		execute(rows(3));
		assertThat(this.locks.checkpointPassive()).as("whether nothing holds the frames behind the lock").isFalse();
	}

	@Test
	@Hazard("G1")
	void nothingIsReadWithoutALock() throws Exception {
		first();
		step();
		Place place = place();
		execute(rows(1));
		this.locks.close();
		assertThatExceptionOfType(SQLException.class).isThrownBy(this.sync::locksLost);
		this.sync.resume(place);
		assertThatExceptionOfType(SQLException.class).isThrownBy(this::nextStep);
	}

	/** A resync has read everything: its lock need not hold what was there before. */
	@Test
	void lockOfAResyncReplacesTheOneBefore() throws Exception {
		first();
		execute(rows(3));
		assertThat(this.locks.checkpointPassive()).isFalse();
		step();
		assertThat(this.locks.checkpointPassive()).isTrue();
	}

	@Test
	@Hazard("A12")
	void otherFramesThanTheShippedOnesAreNotGoneOnWith() throws Exception {
		first();
		step();
		Place place = place();
		execute(rows(1));
		WalPosition end = place.position();
		this.sync.resume(new Place(place.txid(),
				new WalPosition(end.salt1(), end.salt2(), end.offset(), end.checksum1() + 1, end.checksum2()),
				place.commit(), place.time()));
		Step step = step();
		assertThat(step.resync()).isEqualTo(ResyncReason.FRAME_MISMATCH);
		requireContent(step.file());
	}

	/**
	 * Everything was checkpointed when the lock was taken, so the next commit starts the
	 * WAL anew. Before the last frame has been read this takes frames with it.
	 */
	@Test
	@Hazard("A12")
	void walThatStartsAnewIsGoneOnWithOnlyIfAllOfItWasRead() throws Exception {
		for (boolean all : new boolean[] { false, true }) {
			first();
			step();
			Place place = place();
			execute(rows(1), rows(2));
			this.locks.close();
			execute("PRAGMA wal_checkpoint(PASSIVE)");
			connect();
			this.sync.resume(place);
			synchronized (this.sync) {
				Step step = this.sync.step(all ? 0 : 1, 0);
				assertThat(step).isNotNull();
				assertThat(step.resync()).isNull();
				assertThat(step.limited()).isNotEqualTo(all);
			}
			int generation = this.sync.generation();
			execute(rows(1));
			Step step = step();
			assertThat(this.sync.generation()).as("the WAL has started anew").isNotEqualTo(generation);
			assertThat(step.resync()).isEqualTo(all ? null : ResyncReason.WAL_RESET);
			this.locks.close();
		}
	}

	private void first() throws IOException, SQLException {
		connect();
		this.sync.resync(Txid.ZERO, ResyncReason.FIRST_SYNC, false, null);
	}

	private void connect() throws IOException, SQLException {
		this.locks = new LockConnections(path(), Duration.ofSeconds(5));
		this.sync = new Sync(path(), this.known, this.spool, this.locks, Clock.systemUTC(), null);
	}

	private Step step() throws IOException, SQLException {
		Step step = nextStep();
		assertThat(step).isNotNull();
		return step;
	}

	private @Nullable Step nextStep() throws IOException, SQLException {
		synchronized (this.sync) {
			return this.sync.step(0, 0);
		}
	}

	/** The end of the WAL, with all of it shipped. */
	private Place place() throws IOException {
		try (WalReader reader = WalReader.open(wal())) {
			assertThat(reader).isNotNull();
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			return new Place(this.sync.txid(), scan.end(), scan.commit(), Instant.EPOCH);
		}
	}

	private Long[] framesFrom(long offset) throws IOException {
		ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(wal()));
		TreeMap<Long, Long> pages = new TreeMap<>();
		for (int frame = (int) offset; frame < log.capacity(); frame += 24 + 4096) {
			pages.put((long) log.getInt(frame), 0L);
		}
		return pages.keySet().toArray(Long[]::new);
	}

	private LtxHeader header(SpoolFile file) throws IOException {
		this.spool.store(file);
		try (LtxReader ltx = new LtxReader(Files.newInputStream(file.path()), "file")) {
			return ltx.header();
		}
	}

	private TreeMap<Long, byte[]> pages(SpoolFile file) throws IOException {
		this.spool.store(file);
		TreeMap<Long, byte[]> pages = new TreeMap<>();
		try (LtxReader ltx = new LtxReader(Files.newInputStream(file.path()), "file")) {
			byte[] page = new byte[ltx.header().pageSize()];
			for (long pgno = ltx.nextPage(page); pgno != 0; pgno = ltx.nextPage(page)) {
				pages.put(pgno, page.clone());
			}
		}
		return pages;
	}

	/** The file holds every page as SQLite sees it. */
	private void requireContent(SpoolFile file) throws Exception {
		byte[] expected = content();
		TreeMap<Long, byte[]> pages = pages(file);
		assertThat(pages).hasSize(expected.length / 4096);
		ByteBuffer all = ByteBuffer.allocate(expected.length);
		pages.values().forEach(all::put);
		assertThat(all.array()).isEqualTo(expected);
	}

	private byte[] content() throws SQLException {
		return this.application.unwrap(SQLiteConnection.class).serialize("main");
	}

	private long pageCount() throws SQLException {
		return content().length / 4096;
	}

	private static String rows(int count) {
		return "INSERT INTO t(v) SELECT randomblob(3000) FROM json_each('[" + "1,".repeat(count - 1) + "1]')";
	}

	private Path path() {
		return this.directory.resolve("app.db");
	}

	private Path wal() {
		return this.directory.resolve("app.db-wal");
	}

	private void execute(String... statements) throws SQLException {
		try (Statement statement = this.application.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
