package dev.litestream.continuity;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.MismatchAction;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Fault;
import dev.litestream.continuity.Decision.GoOn;
import dev.litestream.continuity.Decision.Refuse;
import dev.litestream.continuity.Decision.Resync;
import dev.litestream.continuity.Decision.Source;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.SpoolFile;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.test.Hazard;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The rules of "The same database" in {@code docs/how-it-works.md}, by their numbers:
 * what each refuses, and the nearest case that it takes.
 */
@Hazard("C4")
class SameDatabaseTests {

	private static final int PAGE_SIZE = 512;

	/**
	 * So many rows are in a database of 21 pages, so that 10 are half without the first.
	 */
	private static final int ROWS = 19;

	private static final Remembered[] OF_THE_SAME_FILE = { Remembered.SAME, Remembered.RESTORED,
			Remembered.SAME_BEFORE_REBOOT };

	private static final Remembered[] OF_ANOTHER_FILE = { Remembered.ANOTHER, Remembered.NOTHING };

	private static final Remembered[] ANYTHING = { Remembered.SAME, Remembered.RESTORED, Remembered.SAME_BEFORE_REBOOT,
			Remembered.ANOTHER, Remembered.NOTHING };

	@TempDir
	Path directory;

	/** Keep the WALs. */
	private final List<Connection> connections = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (Connection connection : this.connections) {
			connection.close();
		}
	}

	@Test
	void rule1WalThatContinuesTheReplicaIsNotJudged() {
		Case same = new Case().replica(5, Agreement.SAME).file(Remembered.NOTHING);
		assertThat(same.decide()).isInstanceOf(GoOn.class);
		assertThat(same.wal(ResyncReason.WAL_RESET, false).resync().remembered()).isEqualTo(Remembered.NOTHING);
		assertThat(same.overwritten().resync().remembered()).isEqualTo(Remembered.OVERWRITTEN);
	}

	@Test
	void rule1EmptyReplicaTakesAnyDatabase() {
		Case empty = new Case().replica(0, Agreement.UNKNOWN).file(Remembered.ANOTHER);
		assertThat(empty.wal(ResyncReason.WAL_RESET, true).resync().overruled()).isEmpty();
		assertThat(empty.replica(7, Agreement.UNKNOWN).wal(ResyncReason.WAL_RESET, true).decide())
			.isEqualTo(new Refuse(Fault.AHEAD));
	}

	@Test
	void rule1LaterGenerationOfTheWalIsNotJudged() {
		Case reset = new Case().replica(5, Agreement.SAME).file(Remembered.ANOTHER).wal(ResyncReason.WAL_RESET, false);
		assertThat(reset.later().resync().remembered()).isNull();
		assertThat(reset.later().resync().reason()).isEqualTo(ResyncReason.WAL_RESET);
		assertThat(reset.resync().remembered()).isEqualTo(Remembered.ANOTHER);
		assertThat(reset.resync().reason()).isEqualTo(ResyncReason.DATABASE_REPLACED);
		assertThat(reset.later().overwritten().resync().remembered()).as("written to before")
			.isEqualTo(Remembered.ANOTHER);
		assertThat(reset.later().putBack().resync().remembered()).as("an older one").isEqualTo(Remembered.PUT_BACK);
	}

	@Test
	void rule1FramesThatWentWithThePowerAreNotJudged() {
		Case lost = new Case().replica(7, Agreement.UNKNOWN)
			.newest(7)
			.file(Remembered.SAME_BEFORE_REBOOT)
			.wal(ResyncReason.FRAME_MISMATCH, true);
		assertThat(lost.resync().remembered()).isNull();
		assertThat(lost.resync().reason()).isEqualTo(ResyncReason.FRAME_MISMATCH);
		assertThat(lost.file(Remembered.ANOTHER).decide()).isEqualTo(new Refuse(Fault.AHEAD));
		Case ran = lost.replica(5, Agreement.SAME).newest(5).file(Remembered.SAME).sameBoot();
		assertThat(ran.resync().remembered()).as("no power was lost").isEqualTo(Remembered.PUT_BACK);
	}

	@Test
	void rule2PositionsBehindAllThatIsKnownAreAnotherApplications() {
		Case reset = new Case().wal(ResyncReason.WAL_RESET, false).file(Remembered.SAME);
		Case ahead = reset.replica(7, Agreement.UNKNOWN).newest(7);
		assertThat(ahead.decide()).isEqualTo(new Refuse(Fault.AHEAD));
		assertThat(reset.replica(5, Agreement.UNKNOWN).decide()).isInstanceOf(Resync.class);
		assertThat(ahead.follows().resync().source()).as("on its way when the process ended").isEqualTo(Source.HERE);
		assertThat(ahead.file(Remembered.SAME_BEFORE_REBOOT).resync().remembered()).as("lost with the power")
			.isEqualTo(Remembered.SAME_BEFORE_REBOOT);
		assertThat(ahead.known(0).resync().source()).as("nothing is known").isEqualTo(Source.UNKNOWN);
		assertThat(ahead.overruled()).containsExactly(Fault.AHEAD);
	}

	/** As {@link #rule2PositionsBehindAllThatIsKnownAreAnotherApplications()}. */
	@Test
	void rule2PositionsBehindAllThatIsKnownAreRefusedThoughTheyDoNotRestore() {
		Case ahead = new Case().wal(ResyncReason.WAL_RESET, false).replica(7, Agreement.UNKNOWN).newest(7);
		assertThat(ahead.decide()).isEqualTo(new Refuse(Fault.AHEAD));
		assertThat(ahead.notRestorable().decide()).isEqualTo(new Refuse(Fault.AHEAD));
	}

	/** As {@link #rule2PositionsBehindAllThatIsKnownAreAnotherApplications()}. */
	@Test
	void rule2PositionsBehindAllThatIsKnownAreRefusedThoughTheirPagesAreOfAnotherSize() {
		Case ahead = new Case().wal(ResyncReason.WAL_RESET, false).replica(7, Agreement.UNKNOWN).newest(7);
		assertThat(ahead.decide()).isEqualTo(new Refuse(Fault.AHEAD));
		assertThat(ahead.wal(new Evidence.Wal(4096, ahead.evidence().wal().continuity(), false, false)).decide())
			.isEqualTo(new Refuse(Fault.AHEAD));
	}

	@Test
	void rule1WalThatLacksFramesProvesNothingOfAFileOfWhichNothingIsRemembered() {
		Case unknown = new Case().replica(5, Agreement.UNKNOWN)
			.wal(ResyncReason.FRAME_MISMATCH, true)
			.file(Remembered.NOTHING);
		assertThat(unknown.isRefusedOrJudged()).isTrue();
	}

	@Test
	void rule2AnotherFileUnderAKnownNameIsAnotherApplications() {
		Case another = new Case().replica(5, Agreement.ANOTHER).file(Remembered.SAME);
		assertThat(another.decide()).isEqualTo(new Refuse(Fault.ANOTHER_HISTORY));
		assertThat(another.replica(5, Agreement.UNREADABLE).decide()).isEqualTo(new Refuse(Fault.UNREADABLE));
		assertThat(another.replica(5, Agreement.SAME).decide()).isInstanceOf(GoOn.class);
		assertThat(another.continuesReplica().resync().reason()).isEqualTo(ResyncReason.DIVERGED);
		assertThat(another.continuesReplica().anotherReplica().decide()).isEqualTo(new Refuse(Fault.ANOTHER_HISTORY));
		assertThat(another.file(Remembered.SAME_BEFORE_REBOOT).resync().reason()).isEqualTo(ResyncReason.DIVERGED);
		assertThat(another.overruled()).containsExactly(Fault.ANOTHER_HISTORY);
	}

	@Test
	void rule2CopyWhoseWalLacksFramesOfTheReplicaIsOlder() {
		Case copy = new Case().replica(7, Agreement.SAME).newest(7).wal(ResyncReason.FRAME_MISMATCH, true);
		assertThat(copy.file(Remembered.ANOTHER).decide()).isEqualTo(new Refuse(Fault.OLDER_COPY));
		assertThat(copy.file(Remembered.ANOTHER).known(7).decide()).isInstanceOf(Resync.class);
		assertThat(copy.file(Remembered.ANOTHER).wal(ResyncReason.WAL_RESET, true).resync().remembered())
			.isEqualTo(Remembered.ANOTHER);
		assertThat(copy.file(Remembered.SAME).decide()).isInstanceOf(Resync.class);
		assertThat(copy.file(Remembered.ANOTHER).overruled()).containsExactly(Fault.OLDER_COPY);
	}

	@Test
	void rule3LowerCounterIsAnOlderCopy() throws Exception {
		Path database = create(ROWS);
		Path older = copy(database);
		execute(database, "pragma user_version = 1");
		PageHashes onlyFirst = replicate(database);
		requireTaken(older, onlyFirst, ANYTHING);
		change(database, 1);
		PageHashes replica = replicate(database);
		requireRefused("its change counter and schema cookie are", older, replica, Remembered.SAME, Remembered.RESTORED,
				Remembered.ANOTHER, Remembered.NOTHING);
		change(older, 1);
		execute(older, "pragma user_version = 1");
		requireTaken(older, replica, ANYTHING);
	}

	@Test
	void rule3LowerSchemaCookieIsAnOlderCopyThatWentOn() throws Exception {
		Path database = create(ROWS);
		Path older = copy(database);
		execute(database, "create table u(v)");
		execute(older, "pragma user_version = 1");
		execute(older, "pragma user_version = 2");
		assertThat(header(older).changeCounter()).isGreaterThan(header(database).changeCounter());
		PageHashes replica = replicate(database);
		requireRefused("its change counter and schema cookie are", older, replica, Remembered.SAME, Remembered.RESTORED,
				Remembered.ANOTHER, Remembered.NOTHING);
		execute(older, "create table u(v)");
		requireTaken(older, replica, ANYTHING);
	}

	@Test
	void rule3LowerCounterBesideAPageMoreIsAnOlderCopyThatWentOn() throws Exception {
		Path database = create(ROWS);
		Path older = copy(database);
		execute(database, "pragma user_version = 1");
		execute(database, "pragma user_version = 2");
		PageHashes replica = replicate(database);
		requireTaken(older, replica, Remembered.SAME, Remembered.ANOTHER);
		execute(older, "create table u(v)");
		requireRefused("its change counter and schema cookie are", older, replica, Remembered.SAME, Remembered.ANOTHER);
	}

	@Test
	void rule3LowerCounterAfterAPowerLossIsTakenIfHalfOfThePagesAreTheSame() throws Exception {
		Path database = create(ROWS);
		Path older = copy(database);
		execute(database, "pragma user_version = 1");
		change(database, 10);
		PageHashes half = replicate(database);
		requireTaken(older, half, Remembered.SAME_BEFORE_REBOOT);
		requireRefused("It is an older copy", older, half, Remembered.SAME, Remembered.RESTORED, Remembered.ANOTHER,
				Remembered.NOTHING);
		change(database, 11);
		requireRefused("It is an older copy", older, replicate(database), Remembered.SAME_BEFORE_REBOOT);
	}

	@Test
	void rule4AnotherApplicationIdIsAnotherApplication() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		Path other = copy(database);
		execute(other, "pragma application_id = 7");
		requireTaken(other, replica, ANYTHING);
		change(other, 1);
		requireRefused("its application_id is 7, but 0 in the replica", other, replica, OF_ANOTHER_FILE);
		requireTaken(other, replica, OF_THE_SAME_FILE);
		change(other, 10);
		requireTaken(other, replica, OF_THE_SAME_FILE);
		change(other, 11);
		requireRefused("its application_id is 7, but 0 in the replica", other, replica, ANYTHING);
		execute(other, "pragma application_id = 0");
		requireTaken(other, replica, OF_THE_SAME_FILE);
	}

	@Test
	void rule5FileThatShrankWithoutACounterGotTheOldInode() throws Exception {
		PageHashes replica = replicate(create(ROWS));
		Path half = create(8);
		Path less = create(7);
		assertThat(header(less)).isEqualTo(replica.header().database());
		requireTaken(half, replica, OF_THE_SAME_FILE);
		requireRefused("without a visible reason", less, replica, Remembered.SAME, Remembered.SAME_BEFORE_REBOOT);
		requireRefused("of the same inode as the file that was restored", less, replica, Remembered.RESTORED);
	}

	@Test
	void rule5FileMayShrinkIfACounterSaysWhy() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		execute(database, "delete from t where id > 3", "vacuum");
		requireTaken(database, replica, Remembered.SAME, Remembered.SAME_BEFORE_REBOOT);
		requireRefused("of the same inode as the file that was restored", database, replica, Remembered.RESTORED);
	}

	@Test
	void rule5FileMayChangeInAllItsPages() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		change(database, ROWS);
		requireTaken(database, replica, OF_THE_SAME_FILE);
		requireRefused("has 1 of the replica's 21 pages among its 21", database, replica, OF_ANOTHER_FILE);
	}

	@Test
	void rule6AnotherFileHasHalfOfTheReplicasPages() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		change(database, 10);
		requireTaken(database, replica, OF_ANOTHER_FILE);
		change(database, 11);
		requireRefused("is another file than the one replicated before, and it has 9 of the replica's 21 pages",
				database, replica, Remembered.ANOTHER);
		requireRefused("is not remembered which file was replicated before, and it has 9 of", database, replica,
				Remembered.NOTHING);
	}

	@Test
	void rule6AnotherFileThatIsFarSmallerIsRefusedUnread() {
		LtxHeader newest = ltx(5);
		long half = 5 * PAGE_SIZE;
		for (Remembered remembered : OF_ANOTHER_FILE) {
			SameDatabase judge = new SameDatabase(mismatch(MismatchAction.FAIL), remembered, null, null);
			assertThatCode(() -> judge.requireNoShrink(newest, half)).doesNotThrowAnyException();
			assertThatExceptionOfType(DatabaseMismatchException.class)
				.isThrownBy(() -> judge.requireNoShrink(newest, half - 1))
				.withMessageContaining("has 2559 bytes instead of 5120");
		}
		for (Remembered remembered : OF_THE_SAME_FILE) {
			assertThatCode(() -> new SameDatabase(mismatch(MismatchAction.FAIL), remembered, null, null)
				.requireNoShrink(newest, half - 1)).doesNotThrowAnyException();
		}
	}

	@Test
	void rule6FewPagesTellNothingUnlessTheyAreEmpty() throws Exception {
		PageHashes replica = replicate(
				create("create table t(v)", "create index i on t(v)", "insert into t values (randomblob(90))"));
		Path filled = create("create table t(v)", "create index i on t(v)", "insert into t values (randomblob(90))");
		requireTaken(filled, replica, Remembered.NOTHING);
		requireRefused("has 0 of the replica's 3 pages", filled, replica, Remembered.ANOTHER);
		Path empty = create("create table t(v)", "create index i on t(v)", "pragma user_version = 1");
		assertThat(header(empty).isBefore(header(filled))).isFalse();
		requireRefused("has 0 of the replica's 3 pages", empty, replica, Remembered.NOTHING, Remembered.ANOTHER);
		Path emptied = create("create table t(v)", "create table u(v)", "drop table u");
		requireTaken(emptied, replica, Remembered.NOTHING);
	}

	@Test
	void rule6FourPagesTellSomething() throws Exception {
		requireRefused("has 0 of the replica's 4 pages", create(2), replicate(create(2)), Remembered.NOTHING,
				Remembered.ANOTHER);
	}

	@Test
	void rule7PagesOfAFileThatWasWrittenToAreTheReplicas() throws Exception {
		Path database = create(ROWS);
		execute(database, "pragma wal_checkpoint(passive)");
		change(database, 1);
		PageHashes replica = replicate(database);
		Path file = copy(database);
		requireTaken(file, replica, Remembered.OVERWRITTEN);
		overwrite(file, 3);
		requireTaken(file, replica, Remembered.OVERWRITTEN);
		overwrite(file, 5);
		requireRefused("has been written to or copied over since the application stopped, and 1 of its 21 pages"
				+ " have changed", file, replica, Remembered.OVERWRITTEN);
	}

	/** Commits that were never replicated may be in the file, but it is still judged. */
	@Test
	void rule7OnceTheWalHasRestartedTheRulesForTheSameFileRemain() throws Exception {
		Path database = create(ROWS);
		execute(database, "pragma wal_checkpoint(passive)");
		change(database, 1);
		PageHashes replica = replicate(database);
		Path file = copy(database);
		overwrite(file, 5);
		WalPosition now;
		try (WalReader reader = wal(file)) {
			now = reader.header().start();
		}
		WalPosition before = new WalPosition(now.salt1() - 1, 7, 32, 0, 0);
		assertThatExceptionOfType(DatabaseMismatchException.class)
			.isThrownBy(() -> judge(file, replica, Remembered.OVERWRITTEN, now))
			.withMessageContaining("copied over since the application stopped");
		assertThatCode(() -> judge(file, replica, Remembered.OVERWRITTEN, before)).doesNotThrowAnyException();
		execute(file, "pragma application_id = 7");
		change(file, 12);
		assertThatExceptionOfType(DatabaseMismatchException.class)
			.isThrownBy(() -> judge(file, replica, Remembered.OVERWRITTEN, before))
			.withMessageContaining("its application_id is 7, but 0 in the replica");
	}

	private void judge(Path database, PageHashes replica, Remembered remembered, WalPosition unchanged)
			throws Exception {
		try (WalReader reader = wal(database); PageHashes.Reader hashes = replica.read()) {
			assertThat(hashes).isNotNull();
			new SameDatabase(mismatch(MismatchAction.FAIL), remembered, hashes.header().database(), unchanged)
				.require(header(database), pages(database, reader), hashes);
		}
	}

	@Test
	void rule7PagesOfTheWalMayBeNewer() throws Exception {
		Path database = create(ROWS);
		execute(database, "pragma wal_checkpoint(passive)");
		PageHashes replica = replicate(database);
		change(database, ROWS);
		requireTaken(database, replica, Remembered.OVERWRITTEN);
	}

	@Test
	void rule8AllPagesOfAnOlderWalAreTheReplicas() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		requireTaken(database, replica, Remembered.PUT_BACK);
		change(database, 1);
		requireRefused(
				"although there was no power loss that could have taken them, and 1 pages differ from the replica",
				database, replica, Remembered.PUT_BACK);
		requireTaken(database, replica, ANYTHING);
	}

	@Test
	void rule8PagesThatAreMissingAreOthers() throws Exception {
		Path database = create(ROWS);
		Path older = copy(database);
		execute(database, "create table u(v)");
		PageHashes replica = replicate(database);
		requireRefused("and 2 pages differ from the replica", older, replica, Remembered.PUT_BACK);
		execute(older, "create table u(v)");
		requireTaken(older, replica, Remembered.PUT_BACK);
		execute(older, "create table w(v)");
		requireRefused("and 2 pages differ from the replica", older, replica, Remembered.PUT_BACK);
	}

	@Test
	void rule8FirstPageIsJudgedByWhatItSaidBeforeAFrameWasForced() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		DatabaseHeader before = header(database);
		execute(database, "pragma user_version = 1");
		requireRefused("and 1 pages differ from the replica", database, replica, Remembered.PUT_BACK);
		assertThatCode(() -> judge(database, replica, Remembered.PUT_BACK, before, MismatchAction.FAIL))
			.doesNotThrowAnyException();
	}

	@Test
	void rule10WhatCannotBeComparedIsTaken() throws Exception {
		Path database = create(ROWS);
		DatabaseHeader known = header(database);
		for (Remembered remembered : ANYTHING) {
			requireTakenUncompared(database, remembered, known);
			requireTakenUncompared(database, remembered, null);
		}
	}

	/** What the pages are needed for is refused without them. */
	@Test
	void rule10WhatOnlyThePagesCouldExcuseIsRefused() throws Exception {
		Path database = create(ROWS);
		DatabaseHeader header = header(database);
		DatabaseHeader higher = new DatabaseHeader(header.changeCounter() + 1, header.schemaCookie(), 0);
		for (Remembered remembered : List.of(Remembered.SAME, Remembered.RESTORED, Remembered.ANOTHER,
				Remembered.NOTHING)) {
			requireRefusedUncompared("its change counter and schema cookie are", database, remembered, higher);
		}
		requireTakenUncompared(database, Remembered.SAME_BEFORE_REBOOT, higher);
		requireRefusedUncompared("its pages cannot be compared with the replica's", database, Remembered.OVERWRITTEN,
				header);
		requireRefusedUncompared("its pages cannot be compared with those there", database, Remembered.PUT_BACK,
				header);
	}

	/** Asked for nevertheless, nothing is refused. */
	@Test
	void whatIsRefusedIsTakenIfAskedFor() throws Exception {
		PageHashes replica = replicate(create(ROWS));
		Path other = create(7);
		execute(other, "pragma wal_checkpoint(passive)");
		change(other, 1);
		for (Remembered remembered : Remembered.values()) {
			requireRefused("", other, replica, remembered);
			judge(other, replica, remembered, header(other), MismatchAction.RESYNC);
		}
	}

	/** An encrypted first page says nothing, and is no reason to refuse. */
	@Test
	void firstPageThatCannotBeReadIsJudgedByTheOthers() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		change(database, 10);
		for (Remembered remembered : ANYTHING) {
			judge(database, replica, remembered, null, MismatchAction.FAIL);
		}
		judge(create(7), replica, Remembered.SAME, null, MismatchAction.FAIL);
		change(database, 11);
		assertThatExceptionOfType(DatabaseMismatchException.class)
			.isThrownBy(() -> judge(database, replica, Remembered.ANOTHER, null, MismatchAction.FAIL));
	}

	/** Whatever was committed to it meanwhile. */
	@Test
	void rule8FileThatWasRefusedHasToEqualTheReplica() throws Exception {
		Path database = create(ROWS);
		PageHashes replica = replicate(database);
		requireTaken(database, replica, Remembered.REFUSED);
		change(database, 1);
		requireRefused("was refused. This was found at an earlier start", database, replica, Remembered.REFUSED);
		requireRefusedUncompared("was refused", database, Remembered.REFUSED, header(database));
	}

	private void requireTaken(Path database, PageHashes replica, Remembered... remembered) throws Exception {
		for (Remembered file : remembered) {
			assertThatCode(() -> judge(database, replica, file, header(database), MismatchAction.FAIL)).as("%s", file)
				.doesNotThrowAnyException();
		}
	}

	private void requireRefused(String why, Path database, PageHashes replica, Remembered... remembered) {
		for (Remembered file : remembered) {
			assertThatExceptionOfType(DatabaseMismatchException.class).as("%s", file)
				.isThrownBy(() -> judge(database, replica, file, header(database), MismatchAction.FAIL))
				.withMessageContaining(why);
		}
	}

	private void judge(Path database, PageHashes replica, Remembered remembered, @Nullable DatabaseHeader now,
			MismatchAction action) throws Exception {
		try (WalReader reader = wal(database); PageHashes.Reader hashes = replica.read()) {
			assertThat(hashes).isNotNull();
			new SameDatabase(mismatch(action), remembered, hashes.header().database(), null).require(now,
					pages(database, reader), hashes);
		}
	}

	private void requireTakenUncompared(Path database, Remembered remembered, @Nullable DatabaseHeader known) {
		assertThatCode(() -> judgeUncompared(database, remembered, known)).as("%s", remembered)
			.doesNotThrowAnyException();
	}

	private void requireRefusedUncompared(String why, Path database, Remembered remembered, DatabaseHeader known) {
		assertThatExceptionOfType(DatabaseMismatchException.class).as("%s", remembered)
			.isThrownBy(() -> judgeUncompared(database, remembered, known))
			.withMessageContaining(why);
	}

	private void judgeUncompared(Path database, Remembered remembered, @Nullable DatabaseHeader known)
			throws Exception {
		try (WalReader reader = wal(database)) {
			new SameDatabase(mismatch(MismatchAction.FAIL), remembered, known, null).require(header(database),
					pages(database, reader), null);
		}
	}

	private static Mismatch mismatch(MismatchAction action) {
		return new Mismatch("app", "app.db", "the replica", action, "was refused");
	}

	/** A database of two pages and a leaf for each row. Its rows are random. */
	private Path create(int rows) throws Exception {
		Path database = create("create table t(id integer primary key, v blob)",
				"with recursive n(i) as (select 1 union all select i + 1 from n where i < " + rows
						+ ") insert into t(v) select randomblob(400) from n");
		try (WalReader reader = wal(database)) {
			assertThat(pages(database, reader).count()).isEqualTo(2 + rows);
		}
		return database;
	}

	private Path create(String... statements) throws Exception {
		Path database = Files.createTempDirectory(this.directory, "db").resolve("app.db");
		keep(database);
		execute(database, statements);
		return database;
	}

	private void keep(Path database) throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
		this.connections.add(connection);
		try (Statement statement = connection.createStatement()) {
			statement.execute("pragma page_size = " + PAGE_SIZE);
			statement.execute("pragma journal_mode = wal");
			statement.execute("pragma user_version");
		}
	}

	/** By a connection of its own: one alone does not count each change. */
	private static void execute(Path database, String... statements) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/** Changes one page for each of the first rows, and no counter. */
	private static void change(Path database, int rows) throws Exception {
		DatabaseHeader before = header(database);
		execute(database, "update t set v = randomblob(400) where id <= " + rows);
		assertThat(header(database)).isEqualTo(before);
	}

	/**
	 * A copy of the file and its WAL, which may go on by itself. SQLite's locks are
	 * dropped by that; no other process is there to need them.
	 */
	private Path copy(Path database) throws Exception {
		Path copy = Files.createTempDirectory(this.directory, "copy").resolve("app.db");
		Files.copy(database, copy);
		Files.copy(database.resolveSibling("app.db-wal"), copy.resolveSibling("app.db-wal"));
		keep(copy);
		return copy;
	}

	private static void overwrite(Path database, long pgno) throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
			file.seek((pgno - 1) * PAGE_SIZE + PAGE_SIZE - 10);
			file.write(new byte[] { 1, 2, 3, 4 });
		}
	}

	/** The pages of a replica that holds the database as it is. */
	private PageHashes replicate(Path database) throws Exception {
		PageHashes hashes = new PageHashes(Files.createTempDirectory(this.directory, "replica"));
		try (WalReader reader = wal(database);
				PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, Txid.FIRST)) {
			DatabasePages pages = pages(database, reader);
			byte[] page = new byte[PAGE_SIZE];
			for (long pgno = 1; pgno <= pages.count(); pgno++) {
				pages.read(pgno, page);
				update.put(pgno, page, PAGE_SIZE);
			}
			update.completeRestored(Txid.FIRST, pages.count());
		}
		return hashes;
	}

	private static WalReader wal(Path database) throws IOException {
		WalReader reader = WalReader.open(database.resolveSibling("app.db-wal"));
		assertThat(reader).isNotNull();
		return reader;
	}

	private static DatabasePages pages(Path database, WalReader reader) throws IOException {
		WalReader.Scan scan = reader.scan(reader.header().start(), 0);
		return new DatabasePages(reader, scan, DatabaseFile.at(database), scan.commit());
	}

	private static DatabaseHeader header(Path database) throws IOException {
		try (WalReader reader = wal(database)) {
			byte[] first = new byte[PAGE_SIZE];
			pages(database, reader).read(1, first);
			return DatabaseHeader.of(first);
		}
	}

	private static LtxHeader ltx(long txid) {
		return new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, 10, new Txid(txid), new Txid(txid), 1000, 0, 32, 8240, 7,
				9, 0);
	}

	/**
	 * Evidence that differs in what it says from the usual case: the replica and the
	 * spool end at the same file, which the WAL continues.
	 */
	private record Case(Evidence evidence) {

		Case() {
			this(new Evidence(new Evidence.Replica(new Txid(5), true, true, Agreement.SAME, false),
					new Evidence.Kept(ltx(5), false, true, new Txid(5), List.of(), false), new Evidence.Wal(PAGE_SIZE,
							new Continuity(new WalPosition(7, 9, 8272, 1, 2), null, false), false, false),
					new Evidence.Memory(Remembered.SAME, false, false, false, false, null)));
		}

		/** What is waiting follows from where the replica ends. */
		Case replica(long newest, Agreement agreement) {
			List<SpoolFile> pending = (newest < 5)
					? List.of(new SpoolFile(new Txid(newest + 1), new Txid(5), Instant.EPOCH, 100, Path.of("5"), 1))
					: List.of();
			Evidence.Kept kept = this.evidence.spool();
			return with(new Evidence.Replica(new Txid(newest), true, newest > 0, agreement, false),
					new Evidence.Kept(kept.newest(), kept.newestFollows(), kept.any(), kept.known(), pending, false),
					this.evidence.wal(), this.evidence.memory());
		}

		Case anotherReplica() {
			Evidence.Replica replica = this.evidence.replica();
			return with(new Evidence.Replica(replica.newest(), true, true, replica.agreement(), true),
					this.evidence.spool(), this.evidence.wal(), this.evidence.memory());
		}

		Case notRestorable() {
			Evidence.Replica replica = this.evidence.replica();
			return with(new Evidence.Replica(replica.newest(), false, true, replica.agreement(), false),
					this.evidence.spool(), this.evidence.wal(), this.evidence.memory());
		}

		/** The spool's newest file, which may have been brought from the replica. */
		Case newest(long txid) {
			Evidence.Kept kept = this.evidence.spool();
			return kept(new Evidence.Kept(ltx(txid), false, kept.any(), kept.known(), List.of(), false));
		}

		Case follows() {
			Evidence.Kept kept = this.evidence.spool();
			return kept(new Evidence.Kept(kept.newest(), true, true, kept.known(), List.of(), false));
		}

		Case known(long txid) {
			Evidence.Kept kept = this.evidence.spool();
			return kept(new Evidence.Kept(kept.newest(), false, txid > 0, new Txid(txid), List.of(), false));
		}

		private Case kept(Evidence.Kept kept) {
			return with(this.evidence.replica(), kept, this.evidence.wal(), this.evidence.memory());
		}

		Case wal(ResyncReason reason, boolean behind) {
			return wal(new Evidence.Wal(PAGE_SIZE, new Continuity(null, reason, behind), false, false));
		}

		Case later() {
			return wal(new Evidence.Wal(PAGE_SIZE, this.evidence.wal().continuity(), true, false));
		}

		Case continuesReplica() {
			return wal(new Evidence.Wal(PAGE_SIZE, this.evidence.wal().continuity(), false, true));
		}

		private Case wal(Evidence.Wal wal) {
			return with(this.evidence.replica(), this.evidence.spool(), wal, this.evidence.memory());
		}

		Case file(Remembered file) {
			return memory(new Evidence.Memory(file, false, false, false, false, null));
		}

		Case overwritten() {
			return memory(new Evidence.Memory(this.evidence.memory().file(), true, false, false, false, null));
		}

		Case putBack() {
			return memory(new Evidence.Memory(this.evidence.memory().file(), true, true, false, false, null));
		}

		Case sameBoot() {
			return memory(new Evidence.Memory(this.evidence.memory().file(), false, false, true, false, null));
		}

		private Case memory(Evidence.Memory memory) {
			return with(this.evidence.replica(), this.evidence.spool(), this.evidence.wal(), memory);
		}

		private static Case with(Evidence.Replica replica, Evidence.Kept kept, Evidence.Wal wal,
				Evidence.Memory memory) {
			return new Case(new Evidence(replica, kept, wal, memory));
		}

		Decision decide() {
			return Decision.of(this.evidence, MismatchAction.FAIL);
		}

		Resync resync() {
			assertThat(decide()).isInstanceOf(Resync.class);
			return (Resync) decide();
		}

		boolean isRefusedOrJudged() {
			return decide() instanceof Refuse || resync().remembered() != null;
		}

		List<Fault> overruled() {
			return ((Resync) Decision.of(this.evidence, MismatchAction.RESYNC)).overruled();
		}

	}

}
