package dev.litestream.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random histories, compacted at random moments: what is restored from the merged files
 * is what the raw files gave.
 */
class CompactionPropertyTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4 })
	void everyBoundaryRestoresTheSameWithoutTheRawFiles(long seed) throws Exception {
		Random random = new Random(seed);
		FileReplicaClient client = new FileReplicaClient(this.directory.resolve("replica"));
		client.open();
		Timeline timeline = new Timeline(client, this.directory, seed);
		LevelWriter writer = new LevelWriter(client, this.directory.resolve("meta"), () -> false);
		Compactor compactor = new Compactor(writer, client);
		Snapshotter snapshotter = new Snapshotter(writer, client.location());
		// by level: the ends of files that the files before them in their level lead to
		List<TreeSet<Txid>> points = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
		for (int i = 0; i < 40; i++) {
			points.get(0).add(timeline.commit(TestTime.START.plusSeconds(i)).maxTxid());
			for (int level = 1; level <= 3; level++) {
				if (random.nextInt(4 * level) == 0) {
					note(points.get(level), compactor.compact(level, timeline.listings()));
				}
			}
			if (random.nextInt(20) == 0) {
				snapshotter.snapshot(timeline.listings());
			}
			if (random.nextInt(6) == 0) {
				writeOverlapping(timeline, random, points);
			}
		}
		for (int level = 1; level <= 3; level++) {
			note(points.get(level), compactor.compact(level, timeline.listings()));
		}
		assertThat(timeline.listings().get(3).maxTxid()).isEqualTo(timeline.lastTxid());
		for (int level = 0; level <= 3; level++) {
			for (int higher = level; higher <= 3; higher++) {
				for (Txid point : points.get(higher)) {
					timeline.require(point);
				}
			}
			if (level < 3) {
				client.delete(timeline.files(level));
			}
		}
		client.delete(timeline.files(9));
		timeline.requireLatest();
		assertThat(this.directory.resolve("meta")).isEmptyDirectory();
	}

	private static void note(TreeSet<Txid> points, @Nullable LtxFileInfo file) {
		if (file != null) {
			points.add(file.maxTxid());
		}
	}

	/** What a crash or another program may leave: files that overlap. */
	private static void writeOverlapping(Timeline timeline, Random random, List<TreeSet<Txid>> points)
			throws IOException {
		int level = 1 + random.nextInt(2);
		int reach = (int) timeline.listings().get(level).maxTxid().value();
		int min = Math.min(timeline.last(), 1 + random.nextInt(reach + 1));
		int max = min + random.nextInt(timeline.last() - min + 1);
		if (!timeline.names(level).contains(min + "-" + max)) {
			timeline.write(level, min, max);
			if (max > reach) {
				points.get(level).add(new Txid(max));
			}
		}
	}

}
