package dev.litestream.compaction;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import dev.litestream.IntegrityCheck;
import dev.litestream.LevelOptions;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * What must not be deleted, and what must not be kept for ever.
 */
class RetentionHazardTests {

	@TempDir
	Path directory;

	private final TestTime time = new TestTime();

	private FaultyReplica replica;

	private Timeline timeline;

	private Levels levels;

	@BeforeEach
	void start() throws IOException {
		this.replica = new FaultyReplica(new FileReplicaClient(this.directory.resolve("replica")));
		this.replica.open();
		this.timeline = new Timeline(this.replica, this.directory, 1);
		restart(LevelOptions.DEFAULTS);
	}

	private void restart(LevelOptions options) throws IOException {
		this.levels = new Levels("app", options, this.replica, this.directory.resolve("meta"), this.time,
				this.time::nanos, () -> false);
		this.levels.listed(this.replica.listAll());
	}

	private void commit() throws IOException {
		this.levels.uploaded(this.timeline.commit(this.time.instant()));
	}

	/** What the loop does on each tick. */
	private void tick(Duration passed) throws IOException {
		this.time.advance(passed);
		if (this.levels.isDue()) {
			this.levels.run(this.timeline::lastTxid, this.timeline::lastTxid);
		}
	}

	/** Commits once a minute. */
	private void work(Duration duration) throws IOException {
		for (long minutes = 0; minutes < duration.toMinutes(); minutes++) {
			commit();
			tick(Duration.ofMinutes(1));
		}
	}

	/** Commits once an hour. */
	private void workSlowly(int hours) throws IOException {
		for (int hour = 0; hour < hours; hour++) {
			commit();
			for (int i = 0; i < 6; i++) {
				tick(Duration.ofMinutes(10));
			}
		}
	}

	@Test
	@Hazard("D1")
	void rawFilesStayUntilTheyAreOldAndCompacted() throws Exception {
		work(Duration.ofMinutes(20));
		assertThat(this.timeline.names(0)).hasSizeBetween(4, 7).contains("20-20");
		assertThat(this.levels.status().levels().get(0).deletes()).isEqualTo(20 - this.timeline.names(0).size());
		assertThat(this.levels.status().rawTooRecent()).isPositive();
		this.timeline.requireLatest();
		for (LtxFileInfo file : this.timeline.files(1)) {
			this.timeline.require(file.maxTxid());
		}
	}

	@Test
	@Hazard("D1")
	void rawFilesThatWereNotCompactedStayHoweverOldTheyAre() throws Exception {
		work(Duration.ofMinutes(3));
		this.replica.writing = (file, in) -> {
			if (file.level() == 1) {
				throw new IOException("Level 1 cannot be written");
			}
			return in;
		};
		for (int i = 0; i < 60; i++) {
			commit();
			try {
				tick(Duration.ofMinutes(1));
			}
			catch (IOException ex) {
				assertThat(ex).hasMessageContaining("cannot be written");
			}
		}
		assertThat(this.timeline.names(0)).contains("4-4", "5-5", "63-63");
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D1")
	void rawFilesStayIfWhatCoversThemCannotBeReadBack() throws Exception {
		work(Duration.ofMinutes(3));
		LtxFileInfo cover = this.timeline.files(1).get(0);
		Path path = this.directory.resolve("replica/ltx/1").resolve(cover.fileName());
		byte[] bytes = Files.readAllBytes(path);
		bytes[bytes.length / 2] ^= 1;
		Files.write(path, bytes);
		// the next process has not read it back itself
		restart(LevelOptions.DEFAULTS);
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(20)));
		assertThat(this.timeline.names(0)).containsExactly("1-1", "2-2", "3-3");
		assertThat(this.replica.deleted).isEmpty();
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D2")
	void aRestoreUnderWayIsPlannedAnew() throws Exception {
		work(Duration.ofMinutes(4));
		this.replica.delete(this.timeline.files(1));
		restart(LevelOptions.DEFAULTS);
		// the restore's plan names raw files that are deleted before it reads them
		this.replica.listing = (complete) -> {
			this.replica.listing = (next) -> next;
			this.replica.deleted.clear();
			commit();
			tick(Duration.ofMinutes(1));
			tick(Duration.ofMinutes(20));
			assertThat(this.replica.deleted).hasSizeGreaterThanOrEqualTo(4);
			return complete;
		};
		Path output = this.directory.resolve("restored.db");
		new Restorer().restore(this.replica,
				new RestoreOptions(output, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
		assertThat(this.timeline.names(0)).containsExactly("5-5");
		assertThat(Files.readAllBytes(output)).isEqualTo(this.timeline.image(this.timeline.lastTxid()));
	}

	@Test
	@Hazard("D2")
	void theFloorIsTheSnapshotBeforeTheOldestKeptOne() throws Exception {
		workSlowly(24 * 4);
		List<LtxFileInfo> snapshots = this.timeline.files(9);
		assertThat(snapshots).hasSizeBetween(2, 3);
		// the base of the retention time and all after it
		assertThat(snapshots.get(0).createdAt()).isBefore(this.time.real().minus(Duration.ofHours(24)));
		assertThat(snapshots.get(1).createdAt()).isAfter(this.time.real().minus(Duration.ofHours(25)));
		long base = snapshots.get(0).maxTxid().value();
		for (int level = 1; level <= 3; level++) {
			long oldest = this.timeline.files(level).get(0).maxTxid().value();
			assertThat(oldest).as("level %s", level).isLessThan(base).isGreaterThanOrEqualTo(base - 24);
		}
		for (long txid = base; txid <= this.timeline.last(); txid++) {
			this.timeline.require(new Txid(txid));
		}
	}

	@Test
	@Hazard("D2")
	void snapshotsStayIfTheOldestKeptOneCannotBeReadBack() throws Exception {
		workSlowly(24 * 2);
		int before = this.timeline.files(9).size();
		assertThat(before).isEqualTo(2);
		this.replica.reading = (file, in) -> (file.level() == 9) ? LevelFiles.flipped(in) : in;
		restart(LevelOptions.DEFAULTS);
		assertThatIOException().isThrownBy(() -> tick(Duration.ofHours(30)));
		assertThat(this.timeline.files(9)).hasSize(before);
	}

	@Test
	@Hazard("D4")
	void aShortListingDeletesNothing() throws Exception {
		work(Duration.ofMinutes(6));
		int before = this.timeline.files(0).size();
		this.replica.deleted.clear();
		this.replica.listing = (complete) -> {
			List<LtxListing> some = new ArrayList<>(complete);
			some.set(0, new LtxListing(List.of()));
			some.set(1, new LtxListing(complete.get(1).files().subList(0, 1)));
			return some;
		};
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(30)));
		assertThat(this.replica.deleted).isEmpty();
		this.replica.listing = (complete) -> complete;
		assertThat(this.timeline.files(0)).hasSize(before);
	}

	@Test
	@Hazard("D4")
	void anEmptiedReplicaIsNoReasonToDelete() throws Exception {
		work(Duration.ofMinutes(6));
		for (LtxListing listing : this.replica.listAll()) {
			this.replica.delete(listing.files());
		}
		this.replica.deleted.clear();
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(30)));
		assertThat(this.replica.deleted).isEmpty();
	}

	@Test
	@Hazard("D11")
	void clockThatJumpsADayAheadDeletesNothingYoung() throws Exception {
		workSlowly(30);
		work(Duration.ofMinutes(4));
		List<String> raw = this.timeline.names(0);
		List<String> compacted = this.timeline.names(1);
		List<String> snapshots = this.timeline.names(9);
		this.replica.deleted.clear();
		this.time.skew(Duration.ofDays(3));
		tick(Duration.ofSeconds(20));
		commit();
		tick(Duration.ofSeconds(40));
		assertThat(this.replica.deleted).allMatch((file) -> file.level() == 0);
		assertThat(this.timeline.names(0)).containsAll(raw.subList(Math.max(0, raw.size() - 3), raw.size()));
		assertThat(this.timeline.names(1)).containsAll(compacted);
		assertThat(this.timeline.names(9)).containsAll(snapshots);
		this.time.skew(Duration.ZERO);
		work(Duration.ofMinutes(10));
		assertThat(this.timeline.names(1)).containsAll(compacted);
		assertThat(this.timeline.names(9)).containsAll(snapshots);
	}

	@Test
	@Hazard("D11")
	void filesFromTheFutureDoNotKeepAllOthers() throws Exception {
		this.time.skew(Duration.ofDays(1));
		work(Duration.ofMinutes(2));
		this.time.skew(Duration.ZERO);
		work(Duration.ofMinutes(30));
		// all of them are stamped a day ahead, as timestamps never go back
		assertThat(this.timeline.files(0)).allMatch((file) -> file.createdAt().isAfter(this.time.instant()));
		assertThat(this.timeline.names(0)).hasSizeLessThan(9);
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D13")
	void retentionThatIsDisabledDeletesNothing() throws Exception {
		LevelOptions defaults = LevelOptions.DEFAULTS;
		restart(new LevelOptions(defaults.intervals(), defaults.snapshotInterval(), defaults.snapshotRetention(),
				defaults.l0Retention(), defaults.l0RetentionCheckInterval(), false));
		workSlowly(24 * 4);
		assertThat(this.replica.deleted).isEmpty();
		assertThat(this.timeline.names(0)).hasSize(24 * 4);
		assertThat(this.timeline.names(9)).hasSizeGreaterThan(3);
	}

	@Test
	void rawRetentionOfZeroKeepsEverySync() throws Exception {
		LevelOptions defaults = LevelOptions.DEFAULTS;
		restart(new LevelOptions(defaults.intervals(), defaults.snapshotInterval(), defaults.snapshotRetention(),
				Duration.ZERO, defaults.l0RetentionCheckInterval(), true));
		workSlowly(24 * 4);
		assertThat(this.timeline.names(0)).hasSize(24 * 4);
		assertThat(this.timeline.names(9)).hasSizeLessThan(4);
	}

	@Test
	@Hazard("D14")
	void fiftySnapshotsInAnyOrder() throws Exception {
		for (int i = 0; i < 50; i++) {
			commit();
			this.timeline.write(9, 1, this.timeline.last());
			this.time.advance(Duration.ofHours(1));
		}
		this.replica.listing = (complete) -> {
			List<LtxListing> shuffled = new ArrayList<>(complete);
			List<LtxFileInfo> files = new ArrayList<>(complete.get(9).files());
			Collections.shuffle(files, new Random(7));
			shuffled.set(9, new LtxListing(files));
			return shuffled;
		};
		restart(LevelOptions.DEFAULTS);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(9)).hasSize(25).first().isEqualTo("1-26");
		this.timeline.requireLatest();
	}

	@Test
	void theNewestFileOfEachLevelStays() throws Exception {
		workSlowly(30);
		for (int day = 0; day < 10; day++) {
			tick(Duration.ofDays(1));
		}
		for (int level : new int[] { 0, 1, 2, 3, 9 }) {
			assertThat(this.timeline.files(level)).as("level %s", level).isNotEmpty();
			assertThat(this.timeline.listings().get(level).maxTxid()).isEqualTo(this.timeline.lastTxid());
		}
		assertThat(this.timeline.names(0)).containsExactly("30-30");
		this.timeline.requireLatest();
	}

}
