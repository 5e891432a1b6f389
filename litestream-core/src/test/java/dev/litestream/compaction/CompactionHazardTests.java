package dev.litestream.compaction;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.DatabaseStatus;
import dev.litestream.LevelOptions;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.restore.RestorePlanner;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * What can go wrong while files of a replica are merged: nothing wrong is ever taken for
 * a merged file, and nothing is lost that it was merged from.
 */
class CompactionHazardTests {

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
		restart();
	}

	private void restart() throws IOException {
		this.levels = new Levels("app", LevelOptions.DEFAULTS, this.replica, this.directory.resolve("meta"), this.time,
				this.time::nanos, () -> false);
		this.levels.listed(this.replica.listAll());
	}

	private void commit(int commits) throws IOException {
		for (int i = 0; i < commits; i++) {
			this.time.advance(Duration.ofMillis(100));
			this.levels.uploaded(this.timeline.commit(this.time.instant()));
		}
	}

	/** What the loop does on each tick. */
	private void tick(Duration passed) throws IOException {
		this.time.advance(passed);
		if (this.levels.isDue()) {
			this.levels.run(this.timeline::lastTxid, this.timeline::lastTxid);
		}
	}

	private DatabaseStatus.Level level(int level) {
		return this.levels.status()
			.levels()
			.stream()
			.filter((status) -> status.level() == level)
			.findFirst()
			.orElseThrow();
	}

	@Test
	void levelsAreWrittenAtTheirBoundaries() throws Exception {
		commit(3);
		tick(Duration.ofSeconds(5));
		assertThat(this.timeline.names(1)).as("before 12:00:30").isEmpty();
		tick(Duration.ofSeconds(20));
		assertThat(this.timeline.names(1)).containsExactly("1-3");
		assertThat(this.timeline.names(2)).isEmpty();
		commit(2);
		tick(Duration.ofSeconds(30));
		assertThat(this.timeline.names(1)).containsExactly("1-3", "4-5");
		tick(Duration.ofMinutes(5));
		assertThat(this.timeline.names(2)).containsExactly("1-5");
		tick(Duration.ofHours(1));
		assertThat(this.timeline.names(3)).containsExactly("1-5");
		assertThat(this.timeline.names(9)).isEmpty();
		tick(Duration.ofHours(11));
		assertThat(this.timeline.names(9)).as("at midnight UTC").containsExactly("1-5");
		this.timeline.requireLatest();
		assertThat(level(1).files()).isEqualTo(2);
		assertThat(level(9).files()).isEqualTo(1);
		assertThat(level(9).bytes()).isEqualTo(this.timeline.files(9).get(0).size());
	}

	@Test
	@Hazard("D12")
	void anIdleReplicaIsNotAskedForAnything() throws Exception {
		commit(3);
		for (int i = 0; i < 40; i++) {
			tick(Duration.ofHours(1));
		}
		assertThat(this.timeline.names(9)).as("one snapshot, not one a day").containsExactly("1-3");
		int requests = this.replica.requests();
		for (int i = 0; i < 2000; i++) {
			tick(Duration.ofMinutes(10));
		}
		assertThat(this.replica.requests()).isEqualTo(requests);
	}

	@Test
	@Hazard("D12")
	void aDatabaseThatNobodyWritesToIsSentOnce() throws Exception {
		commit(1);
		int requests = this.replica.requests();
		for (int i = 0; i < 60; i++) {
			tick(Duration.ofMinutes(1));
		}
		assertThat(this.replica.requests()).isEqualTo(requests);
		commit(1);
		tick(Duration.ofSeconds(30));
		assertThat(this.timeline.names(1)).containsExactly("1-2");
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D12")
	void aStartIsFollowedByWhatTheOldProcessMissed() throws Exception {
		commit(3);
		this.time.advance(Duration.ofHours(30));
		restart();
		tick(Duration.ofSeconds(1));
		assertThat(this.timeline.names(1)).containsExactly("1-3");
		assertThat(this.timeline.names(9)).containsExactly("1-3");
	}

	@Test
	@Hazard("D12")
	void manyStartsWriteNoMoreSnapshotsThanOne() throws Exception {
		commit(3);
		for (int i = 0; i < 20; i++) {
			commit(1);
			this.time.advance(Duration.ofMinutes(10));
			restart();
			tick(Duration.ofSeconds(1));
		}
		assertThat(this.timeline.names(9)).isEmpty();
	}

	@Test
	@Hazard("D5")
	void overlapsAndDuplicatesLeftByACrashAreMerged() throws Exception {
		commit(12);
		this.timeline.write(1, 1, 4);
		this.timeline.write(1, 1, 6);
		this.timeline.write(1, 3, 8);
		restart();
		tick(Duration.ofHours(2));
		assertThat(this.timeline.names(1)).contains("9-12");
		assertThat(this.timeline.names(2)).containsExactly("1-12");
		this.replica.delete(this.timeline.files(0));
		this.replica.delete(this.timeline.files(1));
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D5")
	void afterACrashBetweenWritingAndDeletingAllGoesOn() throws Exception {
		commit(5);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-5");
		restart();
		commit(2);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-5", "6-7");
		tick(Duration.ofMinutes(10));
		tick(Duration.ofMinutes(10));
		assertThat(this.timeline.names(0)).containsExactly("7-7");
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D5")
	void anEqualFileOfAnotherCompressorIsTakenForOurs() throws Exception {
		commit(5);
		// appears after the listing, as from another program at the same moment
		this.replica.listing = (complete) -> {
			this.replica.listing = (next) -> next;
			// the same pages with another timestamp in the header, so other bytes
			LevelFiles.write(this.replica, 1, LevelFiles.withTimestamp(this.timeline.encode(1, 5), 77));
			return complete;
		};
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-5");
		assertThat(level(1).errors()).isZero();
		assertThat(level(1).files()).isEqualTo(1);
	}

	@Test
	@Hazard("D5")
	void anotherFileUnderTheSameNameIsNotTakenForOurs() throws Exception {
		commit(5);
		this.replica.listing = (complete) -> {
			this.replica.listing = (next) -> next;
			LevelFiles.write(this.replica, 1, LevelFiles.changed(this.timeline.encode(1, 5)));
			return complete;
		};
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1)))
			.withMessageContaining("not what its sources give")
			.withMessageContaining("move it away");
		assertThat(level(1).errors()).isEqualTo(1);
		assertThat(this.levels.status().verifyErrors()).isEqualTo(1);
		assertThat(this.timeline.names(0)).hasSize(5);
	}

	@Test
	@Hazard("D6")
	void nothingIsCompactedAcrossAGap() throws Exception {
		commit(9);
		this.replica.delete(List.of(this.timeline.files(0).get(4)));
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).as("up to the gap").containsExactly("1-4");
		assertThatExceptionOfType(LevelGapException.class).isThrownBy(() -> tick(Duration.ofMinutes(1)))
			.withMessageContaining("goes on at TXID 0000000000000006");
		assertThat(this.timeline.names(1)).containsExactly("1-4");
		assertThat(level(1).errors()).isEqualTo(1);
		assertThat(level(1).lastError()).contains("gap");
		// a snapshot bridges it
		this.timeline.write(9, 1, 9);
		commit(1);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-4", "6-10");
		assertThat(level(1).lastError()).isNull();
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D7")
	@Hazard("D8")
	void aSourceThatEndsEarlyGivesNoMergedFile() throws Exception {
		commit(9);
		this.replica.reading = (file, in) -> (file.level() == 0 && file.minTxid().value() == 4) ? new Cut(in, 120) : in;
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1)));
		assertThat(this.timeline.names(1)).isEmpty();
		assertThat(this.timeline.names(0)).hasSize(9);
		assertThat(this.directory.resolve("meta")).isEmptyDirectory();
		this.replica.reading = (file, in) -> in;
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-9");
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D6")
	void aLevelGoesOnBehindASnapshotThatHoldsARottenFile() throws Exception {
		commit(9);
		this.replica.reading = (file, in) -> (file.level() == 0 && file.minTxid().value() == 5) ? LevelFiles.flipped(in)
				: in;
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1))).withMessageContaining("corrupt");
		assertThat(this.timeline.names(1)).as("no snapshot holds it").isEmpty();
		this.timeline.write(9, 1, 9);
		commit(2);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).as("up to it").containsExactly("1-4");
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-4", "10-11");
		assertThat(level(1).lastError()).isNull();
		this.timeline.requireLatest();
		tick(Duration.ofMinutes(10));
		assertThat(this.timeline.names(0)).as("may be of use still")
			.containsExactly("5-5", "6-6", "7-7", "8-8", "9-9", "11-11");
		commit(1);
		tick(LevelOptions.DEFAULTS.snapshotRetention().plusHours(1));
		tick(Duration.ofMinutes(10));
		assertThat(this.timeline.names(0)).containsExactly("12-12");
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D6")
	void aSnapshotThatIsRottenTooBridgesNothing() throws Exception {
		commit(9);
		this.timeline.write(9, 1, 9);
		commit(2);
		restart();
		this.replica.reading = (file, in) -> (file.level() == 9 || file.level() == 0 && file.minTxid().value() == 1)
				? LevelFiles.flipped(in) : in;
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1))).withMessageContaining("corrupt");
		assertThat(this.timeline.names(1)).isEmpty();
		tickFailing(Duration.ofDays(9));
		assertThat(this.timeline.names(0)).hasSize(11);
		assertThat(this.replica.deleted).isEmpty();
	}

	private void tickFailing(Duration passed) {
		assertThatIOException().isThrownBy(() -> tick(passed));
	}

	@Test
	@Hazard("D8")
	void aWriteThatFailsLeavesNothingBehind() throws Exception {
		commit(9);
		this.replica.writing = (file, in) -> new FilterInputStream(in) {

			@Override
			public int read(byte[] target, int offset, int length) throws IOException {
				super.read(target, offset, Math.min(length, 10));
				throw new ReplicaUnavailableException("Cut off");
			}

		};
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1)));
		assertThat(this.timeline.names(1)).isEmpty();
		assertThat(this.directory.resolve("meta")).isEmptyDirectory();
		this.replica.writing = (file, in) -> in;
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-9");
	}

	@Test
	void aMergedFileThatReadsBackOtherwiseIsRemovedAndItsSourcesStay() throws Exception {
		commit(9);
		this.replica.reading = (file, in) -> (file.level() == 1) ? LevelFiles.flipped(in) : in;
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1))).withMessageContaining("was removed");
		assertThat(this.timeline.names(1)).isEmpty();
		assertThat(this.timeline.names(0)).hasSize(9);
		assertThat(this.levels.status().verifyErrors()).isEqualTo(1);
		this.replica.reading = (file, in) -> in;
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-9");
	}

	@Test
	@Hazard("D9")
	void aMergedFileCarriesTheTimestampOfItsLastInput() throws Exception {
		commit(4);
		Instant last = this.time.instant();
		tick(Duration.ofHours(20));
		for (int level : new int[] { 1, 2, 3, 9 }) {
			LtxFileInfo file = this.timeline.files(level).get(0);
			assertThat(file.createdAt()).as("level %s", level).isEqualTo(last);
			try (LtxReader reader = new LtxReader(this.replica.read(file), file.fileName())) {
				assertThat(reader.header().createdAt()).isEqualTo(last);
				assertThat(reader.header().walOffset()).isZero();
			}
		}
		// a restore to the instant just after finds it, one at the instant does not
		assertThat(plan(last.plusMillis(1))).isEqualTo(new Txid(4));
		assertThatIOException().isThrownBy(() -> plan(last)).withMessageContaining("holds no state");
	}

	private Txid plan(Instant before) throws IOException {
		return new RestorePlanner("test", this.timeline.listings(), List.of()).plan(RestoreTarget.before(before))
			.txid();
	}

	@Test
	@Hazard("D11")
	void clockThatJumpsADayDoesNotStallLevels() throws Exception {
		commit(2);
		tick(Duration.ofMinutes(1));
		this.time.skew(Duration.ofDays(1));
		commit(2);
		tick(Duration.ofMinutes(1));
		assertThat(this.timeline.names(1)).containsExactly("1-2", "3-4");
		this.time.skew(Duration.ofDays(-1));
		for (int i = 0; i < 3; i++) {
			commit(2);
			tick(Duration.ofSeconds(31));
		}
		assertThat(this.timeline.names(1)).hasSize(5);
		tick(Duration.ofMinutes(6));
		assertThat(this.timeline.listings().get(2).maxTxid()).isEqualTo(this.timeline.lastTxid());
		this.timeline.requireLatest();
	}

	@Test
	@Hazard("D15")
	void noSecondSnapshotOfOnePosition() throws Exception {
		commit(4);
		tick(Duration.ofHours(20));
		assertThat(this.timeline.names(9)).containsExactly("1-4");
		LevelWriter writer = new LevelWriter(this.replica, this.directory.resolve("meta"), () -> false);
		assertThat(new Snapshotter(writer, "test").snapshot(this.timeline.listings())).isNull();
		// and written twice all the same, it is the same file
		List<LtxFileInfo> sources = this.timeline.files(1);
		assertThat(writer.write(9, sources).fileName()).isEqualTo(this.timeline.files(9).get(0).fileName());
		assertThat(this.timeline.names(9)).containsExactly("1-4");
	}

	@Test
	@Hazard("D4")
	void nothingIsDoneOnAListingThatFailsOrLacksWhatWasAcknowledged() throws Exception {
		commit(9);
		this.replica.listing = (complete) -> {
			throw new IOException("The listing broke off");
		};
		assertThatIOException().isThrownBy(() -> tick(Duration.ofMinutes(1)));
		this.replica.listing = (complete) -> {
			List<LtxListing> some = new ArrayList<>(complete);
			some.set(0, new LtxListing(complete.get(0).files().subList(0, 5)));
			return some;
		};
		assertThatExceptionOfType(LevelGapException.class).isThrownBy(() -> tick(Duration.ofMinutes(10)))
			.withMessageContaining("holds it no more");
		this.replica.listing = (complete) -> complete;
		assertThat(this.timeline.names(1)).isEmpty();
		assertThat(this.replica.deleted).isEmpty();
		tick(Duration.ofMinutes(10));
		assertThat(this.timeline.names(1)).containsExactly("1-9");
	}

	@Test
	void whatFailsIsTriedAgainAfterAPauseThatGrows() throws Exception {
		commit(9);
		this.replica.listing = (complete) -> {
			throw new IOException("No");
		};
		int before = this.replica.listings;
		for (int i = 0; i < 3600; i++) {
			try {
				tick(Duration.ofSeconds(1));
			}
			catch (IOException ex) {
				assertThat(ex).hasMessage("No");
			}
		}
		assertThat(this.replica.listings - before).isBetween(10, 22);
	}

	@Test
	void aRoundThatIsStoppedEndsQuietly() throws Exception {
		commit(9);
		Levels stopped = new Levels("app", LevelOptions.DEFAULTS, this.replica, this.directory.resolve("meta"),
				this.time, this.time::nanos, () -> true);
		stopped.listed(this.replica.listAll());
		this.time.advance(Duration.ofHours(2));
		assertThat(stopped.isDue()).isTrue();
		stopped.run(this.timeline::lastTxid, this.timeline::lastTxid);
		assertThat(this.timeline.names(1)).isEmpty();
		assertThat(stopped.status().levels()).allMatch((level) -> level.errors() == 0);
	}

	@Test
	void leftoversOfAKilledProcessAreRemoved() throws Exception {
		commit(3);
		Path leftover = this.directory.resolve("meta/.merge-123e4567-e89b-12d3-a456-426614174000");
		Files.createDirectories(leftover);
		Files.writeString(leftover.resolve("1"), "half a file");
		tick(Duration.ofMinutes(1));
		assertThat(this.directory.resolve("meta")).isEmptyDirectory();
	}

	/** Ends after some bytes, without an error. */
	private static final class Cut extends FilterInputStream {

		private int left;

		Cut(InputStream in, int left) {
			super(in);
			this.left = left;
		}

		@Override
		public int read() throws IOException {
			return (this.left-- > 0) ? super.read() : -1;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			if (this.left <= 0) {
				return -1;
			}
			int read = super.read(target, offset, Math.min(length, this.left));
			this.left -= read;
			return read;
		}

	}

}
