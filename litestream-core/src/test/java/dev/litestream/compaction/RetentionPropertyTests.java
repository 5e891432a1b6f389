package dev.litestream.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

import dev.litestream.LevelOptions;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestorePlanner;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Days of commits, compactions, snapshots and deletes, with a clock that jumps and
 * restarts in between: the newest state and every point newer than the retention can be
 * restored at any moment, and what is older goes in the end.
 */
class RetentionPropertyTests {

	private static final LevelOptions OPTIONS = new LevelOptions(
			List.of(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofHours(1)), Duration.ofHours(4),
			Duration.ofHours(6), Duration.ofMinutes(5), Duration.ofSeconds(15), true);

	@TempDir
	Path directory;

	private final TestTime time = new TestTime();

	private final Map<Txid, Instant> committed = new HashMap<>();

	/** Ends of the files that level 1 was ever given. */
	private final TreeSet<Txid> boundaries = new TreeSet<>();

	private ReplicaClient client;

	private Timeline timeline;

	private Levels levels;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3 })
	void everyPointNewerThanTheRetentionRestores(long seed) throws Exception {
		Random random = new Random(seed);
		this.client = new FileReplicaClient(this.directory.resolve("replica"));
		this.client.open();
		this.timeline = new Timeline(this.client, this.directory, seed);
		restart();
		for (int i = 0; i < 160; i++) {
			this.time.advance(pause(random));
			if (random.nextInt(8) == 0) {
				this.time.skew(Duration.ofDays(random.nextInt(3) - 1));
			}
			if (random.nextInt(3) > 0) {
				commit();
			}
			// a clock that is ahead and stays so over a restart cannot be told from a
			// pause
			if (random.nextInt(25) == 0 && this.time.skew().compareTo(Duration.ZERO) <= 0) {
				restart();
			}
			tick();
			requirePoints(random);
		}
		this.time.skew(Duration.ZERO);
		requireAllOfThem();
		requireTidiness();
	}

	private static Duration pause(Random random) {
		return switch (random.nextInt(4)) {
			case 0 -> Duration.ofSeconds(random.nextInt(20));
			case 1 -> Duration.ofMinutes(random.nextInt(10));
			case 2 -> Duration.ofMinutes(random.nextInt(40));
			default -> Duration.ofSeconds(40);
		};
	}

	private void restart() throws IOException {
		this.levels = new Levels("app", OPTIONS, this.client, this.directory.resolve("meta"), this.time,
				this.time::nanos, () -> false);
		this.levels.listed(this.client.listAll());
	}

	private void commit() throws IOException {
		LtxFileInfo file = this.timeline.commit(this.time.instant());
		this.committed.put(file.maxTxid(), this.time.real());
		this.levels.uploaded(file);
	}

	private void tick() throws IOException {
		if (this.levels.isDue()) {
			this.levels.run(this.timeline::lastTxid, this.timeline::lastTxid);
			for (LtxFileInfo file : this.timeline.files(1)) {
				this.boundaries.add(file.maxTxid());
			}
		}
	}

	/** Asks the planner about all points, and restores one of them. */
	private void requirePoints(Random random) throws IOException {
		if (this.timeline.last() == 0) {
			return;
		}
		List<LtxListing> listings = this.timeline.listings();
		RestorePlanner planner = new RestorePlanner("test", listings, List.of());
		List<Txid> points = points();
		for (Txid point : points) {
			assertThat(planner.plan(RestoreTarget.of(point)).txid()).isEqualTo(point);
		}
		assertThat(planner.plan(RestoreTarget.LATEST).txid()).isEqualTo(this.timeline.lastTxid());
		if (random.nextInt(5) == 0) {
			this.timeline.require(points.get(random.nextInt(points.size())));
		}
	}

	private List<Txid> points() {
		List<Txid> points = new ArrayList<>();
		for (long txid = 1; txid <= this.timeline.last(); txid++) {
			Txid point = new Txid(txid);
			Duration age = Duration.between(this.committed.get(point), this.time.real());
			boolean exact = age.compareTo(OPTIONS.l0Retention()) < 0;
			boolean boundary = this.boundaries.contains(point) && age.compareTo(OPTIONS.snapshotRetention()) < 0;
			if (exact || boundary || txid == this.timeline.last()) {
				points.add(point);
			}
		}
		return points;
	}

	private void requireAllOfThem() throws IOException {
		for (Txid point : points()) {
			this.timeline.require(point);
		}
	}

	/** Two days without jumps: what is old has gone, and the newest state restores. */
	private void requireTidiness() throws IOException {
		int before = this.timeline.last();
		for (int i = 0; i < 96; i++) {
			this.time.advance(Duration.ofMinutes(30));
			commit();
			tick();
			this.time.advance(Duration.ofMinutes(1));
			tick();
		}
		assertThat(this.timeline.files(0)).hasSizeLessThan(5);
		assertThat(this.timeline.files(9)).hasSizeBetween(2, 4);
		for (LtxListing listing : this.timeline.listings()) {
			assertThat(listing.files()).noneMatch((file) -> file.maxTxid().value() <= before);
		}
		this.timeline.requireLatest();
	}

}
