package dev.litestream.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Each reason to keep a file, alone: without it the file would go.
 */
class RetentionTests {

	private static final int SNAPSHOT = ReplicaClient.SNAPSHOT_LEVEL;

	private static final Instant START = Instant.parse("2026-08-19T12:00:00Z");

	@TempDir
	Path directory;

	/** Positions up to here are older than the retention of raw files. */
	private long rawOldUpTo;

	/** Positions up to here are older than the retention of snapshots. */
	private long pointsOldUpTo;

	private FaultyReplica replica;

	private Timeline timeline;

	private Retention retention;

	@BeforeEach
	void start() throws IOException {
		this.replica = new FaultyReplica(new FileReplicaClient(this.directory.resolve("replica")));
		this.replica.open();
		this.timeline = new Timeline(this.replica, this.directory, 1);
		this.retention = new Retention(this.replica, (txid, time) -> txid.value() <= this.rawOldUpTo,
				(txid, time) -> txid.value() <= this.pointsOldUpTo);
		for (int i = 0; i < 12; i++) {
			this.timeline.commit(START.plusSeconds(i));
		}
	}

	@Test
	@Hazard("D1")
	void aRawFileThatIsYoungStaysThoughItIsCompacted() throws Exception {
		this.timeline.write(1, 1, 10);
		this.rawOldUpTo = 4;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "4-4");
		assertThat(this.retention.eligible()).isEqualTo(4);
		assertThat(this.retention.tooRecent()).isEqualTo(8);
		assertThat(this.retention.notCompacted()).isZero();
	}

	@Test
	@Hazard("D1")
	void aRawFileThatIsOldStaysUntilItIsCompacted() throws Exception {
		this.timeline.write(1, 1, 5);
		this.rawOldUpTo = 12;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "4-4", "5-5");
		assertThat(this.retention.eligible()).isEqualTo(5);
		assertThat(this.retention.notCompacted()).isEqualTo(6);
		assertThat(this.retention.tooRecent()).as("the newest stays").isOne();
	}

	@Test
	void aRawFileThatIsCompactedInPartOnlyStays() throws Exception {
		this.timeline.write(0, 4, 6);
		this.timeline.write(1, 1, 5);
		this.rawOldUpTo = 12;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "4-4", "5-5");
	}

	@Test
	void theNewestRawFileStays() throws Exception {
		this.timeline.write(1, 1, 12);
		this.rawOldUpTo = 12;
		assertThat(raw()).hasSize(11).doesNotContain("12-12");
		assertThat(this.retention.eligible()).isEqualTo(11);
		assertThat(this.retention.tooRecent()).isOne();
	}

	@Test
	@Hazard("D1")
	void whatLevelOnePassedByStaysUntilItsPointsAreOld() throws Exception {
		this.timeline.write(1, 1, 3);
		this.timeline.write(SNAPSHOT, 1, 6);
		this.timeline.write(1, 7, 10);
		this.rawOldUpTo = 9;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "7-7", "8-8", "9-9");
		assertThat(this.retention.notCompacted()).isEqualTo(3);
		assertThat(this.retention.tooRecent()).isEqualTo(3);
		this.pointsOldUpTo = 5;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "4-4", "5-5", "7-7", "8-8", "9-9");
		assertThat(this.retention.notCompacted()).isOne();
	}

	@Test
	void whatLevelOneHasYetToReachIsNotPassedBy() throws Exception {
		this.timeline.write(1, 1, 3);
		this.timeline.write(SNAPSHOT, 1, 6);
		this.rawOldUpTo = 9;
		this.pointsOldUpTo = 9;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3");
		assertThat(this.retention.notCompacted()).isEqualTo(8);
	}

	@Test
	void whatNoSnapshotHoldsIsNotPassedBy() throws Exception {
		this.timeline.write(1, 1, 3);
		this.timeline.write(1, 7, 10);
		this.timeline.write(SNAPSHOT, 1, 5);
		this.rawOldUpTo = 12;
		this.pointsOldUpTo = 12;
		assertThat(raw()).containsExactly("1-1", "2-2", "3-3", "4-4", "5-5");
	}

	@Test
	@Hazard("D1")
	void whatTakesTheirPlaceIsReadBackOnce() throws Exception {
		this.timeline.write(1, 1, 5);
		this.timeline.write(1, 6, 10);
		this.rawOldUpTo = 8;
		assertThat(raw()).hasSize(8);
		assertThat(this.replica.reads).extracting(LtxFileInfo::level).containsExactly(1, 1);
		assertThat(raw()).hasSize(8);
		assertThat(this.replica.reads).as("once").hasSize(2);
	}

	@Test
	void whatWasReadBackWhenItWasWrittenIsNotReadAgain() throws Exception {
		this.retention.verified(this.timeline.write(1, 1, 5));
		this.rawOldUpTo = 4;
		assertThat(raw()).hasSize(4);
		assertThat(this.replica.reads).isEmpty();
	}

	@Test
	void whatWasReadBackAndIsGoneIsReadAgainWhenItIsBack() throws Exception {
		this.timeline.write(1, 1, 5);
		this.rawOldUpTo = 4;
		raw();
		this.retention.raw(without(this.replica.listAll(), 1));
		raw();
		assertThat(this.replica.reads).hasSize(2);
	}

	@Test
	@Hazard("D1")
	void whatCannotBeReadBackKeepsWhatItHolds() throws Exception {
		this.timeline.write(1, 1, 5);
		this.rawOldUpTo = 4;
		this.replica.reading = (file, in) -> LevelFiles.flipped(in);
		assertThatIOException().isThrownBy(this::raw);
	}

	/** A timestamp in the future does not keep the files after it. */
	@Test
	void aFileIsNoYoungerThanThoseAfterIt() throws Exception {
		List<Instant> times = new ArrayList<>();
		Retention watched = new Retention(this.replica, (txid, time) -> {
			times.add(time);
			return true;
		}, (txid, time) -> true);
		List<LtxListing> listings = new ArrayList<>(this.replica.listAll());
		List<LtxFileInfo> raw = new ArrayList<>();
		for (LtxFileInfo file : listings.get(0)) {
			Instant time = (file.maxTxid().value() == 3) ? START.plusSeconds(86_400) : file.createdAt();
			raw.add(new LtxFileInfo(0, file.minTxid(), file.maxTxid(), file.size(), time));
		}
		listings.set(0, new LtxListing(raw));
		this.timeline.write(1, 1, 11);
		listings.set(1, this.replica.list(1));
		watched.raw(listings);
		assertThat(times).startsWith(START, START.plusSeconds(1), START.plusSeconds(3), START.plusSeconds(3));
	}

	@Test
	@Hazard("D1")
	void theNewestOldSnapshotStaysAndThoseBeforeItGo() throws Exception {
		this.timeline.write(SNAPSHOT, 1, 2);
		this.timeline.write(SNAPSHOT, 1, 4);
		this.timeline.write(SNAPSHOT, 1, 6);
		this.timeline.write(SNAPSHOT, 1, 8);
		this.pointsOldUpTo = 1;
		assertThat(snapshotsAndLevels()).isEmpty();
		this.pointsOldUpTo = 3;
		assertThat(snapshotsAndLevels()).as("the only old one").isEmpty();
		this.pointsOldUpTo = 6;
		assertThat(snapshotsAndLevels()).containsExactly("9/1-2", "9/1-4");
		assertThat(this.replica.reads).extracting(LtxFileInfo::maxTxid).containsExactly(new Txid(6));
	}

	@Test
	void levelsKeepWhatReachesUpToTheSnapshotBeforeTheOldestKept() throws Exception {
		this.timeline.write(SNAPSHOT, 1, 2);
		this.timeline.write(SNAPSHOT, 1, 4);
		this.timeline.write(SNAPSHOT, 1, 8);
		for (int txid = 1; txid <= 12; txid += 3) {
			this.timeline.write(1, txid, txid + 2);
		}
		this.timeline.write(2, 1, 3);
		this.timeline.write(8, 1, 2);
		this.timeline.write(8, 3, 6);
		this.pointsOldUpTo = 8;
		// the newest of level 2 stays, and 1/4-6 reaches beyond TXID 4
		assertThat(snapshotsAndLevels()).containsExactly("1/1-3", "8/1-2", "9/1-2", "9/1-4");
	}

	@Test
	void whatReachesExactlyUpToThatSnapshotStays() throws Exception {
		this.timeline.write(SNAPSHOT, 1, 3);
		this.timeline.write(SNAPSHOT, 1, 8);
		this.timeline.write(1, 1, 3);
		this.timeline.write(1, 4, 12);
		this.pointsOldUpTo = 8;
		assertThat(snapshotsAndLevels()).containsExactly("9/1-3");
	}

	/** A file of level 9 that begins later holds no whole database. */
	@Test
	void whatIsNoSnapshotDoesNotCountAsOne() throws Exception {
		this.timeline.write(SNAPSHOT, 1, 2);
		this.timeline.write(SNAPSHOT, 3, 8);
		this.pointsOldUpTo = 12;
		assertThat(snapshotsAndLevels()).isEmpty();
	}

	@Test
	@Hazard("D1")
	void aSnapshotThatCannotBeReadBackKeepsThoseBeforeIt() throws Exception {
		this.timeline.write(SNAPSHOT, 1, 2);
		this.timeline.write(SNAPSHOT, 1, 6);
		this.pointsOldUpTo = 6;
		this.replica.reading = (file, in) -> LevelFiles.flipped(in);
		assertThatIOException().isThrownBy(this::snapshotsAndLevels);
	}

	@Test
	void theNextToGoAreTheOldest() throws Exception {
		assertThat(Retention.nextRaw(this.replica.listAll())).isEqualTo(this.timeline.files(0).get(0));
		assertThat(Retention.nextRaw(without(this.replica.listAll(), 0))).isNull();
		assertThat(Retention.nextSnapshot(this.replica.listAll())).isNull();
		this.timeline.write(SNAPSHOT, 1, 2);
		assertThat(Retention.nextSnapshot(this.replica.listAll())).isNull();
		LtxFileInfo second = this.timeline.write(SNAPSHOT, 1, 6);
		assertThat(Retention.nextSnapshot(this.replica.listAll())).isEqualTo(second);
		this.timeline.write(SNAPSHOT, 1, 8);
		assertThat(Retention.nextSnapshot(this.replica.listAll())).isEqualTo(second);
	}

	private List<String> raw() throws IOException {
		List<LtxFileInfo> chosen = this.retention.raw(this.replica.listAll());
		assertThat(chosen).allMatch((file) -> file.level() == 0);
		return chosen.stream().map((file) -> file.minTxid().value() + "-" + file.maxTxid().value()).toList();
	}

	private List<String> snapshotsAndLevels() throws IOException {
		return this.retention.snapshotsAndLevels(this.replica.listAll())
			.stream()
			.map((file) -> file.level() + "/" + file.minTxid().value() + "-" + file.maxTxid().value())
			.toList();
	}

	private static List<LtxListing> without(List<LtxListing> listings, int level) {
		List<LtxListing> left = new ArrayList<>(listings);
		left.set(level, new LtxListing(List.of()));
		return left;
	}

}
