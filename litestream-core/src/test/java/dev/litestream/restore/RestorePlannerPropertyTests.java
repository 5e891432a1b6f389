package dev.litestream.restore;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import dev.litestream.RestorePoints;
import dev.litestream.RestoreTarget;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Plans and points against brute force, on listings made at random.
 */
class RestorePlannerPropertyTests extends RestorePlannerFixture {

	@Test
	void plansAgreeWithBruteForce() throws IOException {
		int[] outcomes = new int[4];
		for (int seed = 0; seed < 1000; seed++) {
			Random random = new Random(seed);
			randomFiles(random);
			Collections.shuffle(this.files, random);
			for (LtxFileInfo file : this.files) {
				if (random.nextInt(20) == 0) {
					this.unreadable.add(file);
				}
			}
			checkPoints(seed);
			for (int i = 0; i <= 27; i++) {
				outcomes[checkTxid(seed, i)]++;
			}
			outcomes[checkInstants(seed, RestoreTarget.LATEST)]++;
			for (int i = 0; i <= 30; i += 1 + random.nextInt(4)) {
				outcomes[checkInstants(seed, RestoreTarget.before(at(i)))]++;
			}
			this.files.clear();
			this.unreadable.clear();
		}
		assertThat(IntStream.of(outcomes).min().orElse(0)).as("plans, missing points, gaps, no backup")
			.isGreaterThan(20);
	}

	private void randomFiles(Random random) {
		int highest = random.nextInt(26);
		for (int i = 1; i <= highest; i++) {
			if (random.nextInt(10) > 0 || i == 1) {
				add(0, i, i, randomSize(random), i + randomJitter(random));
			}
		}
		for (int level = 1; level <= 9 && highest > 0; level++) {
			for (int n = random.nextInt(4); n > 0; n--) {
				int min = (level == 9) ? 1 : 1 + random.nextInt(highest);
				int max = Math.min(highest, min + random.nextInt(10));
				add(level, min, max, randomSize(random), max + randomJitter(random));
			}
		}
	}

	private static int randomSize(Random random) {
		return (random.nextInt(30) == 0) ? random.nextInt(100) : 100 + random.nextInt(3);
	}

	private static int randomJitter(Random random) {
		return (random.nextInt(15) == 0) ? random.nextInt(1000) : random.nextInt(2);
	}

	private int checkTxid(int seed, int target) throws IOException {
		TreeSet<Integer> points = reachable((file) -> true);
		if (this.files.isEmpty()) {
			assertThatThrownBy(() -> plan(RestoreTarget.of(txid(target)))).isInstanceOf(NoBackupException.class);
			return 3;
		}
		if (points.contains(target)) {
			RestorePlan plan = plan(RestoreTarget.of(txid(target)));
			assertThat(plan.txid()).as("seed %d", seed).isEqualTo(txid(target));
			checkChain(seed, plan, (file) -> true);
			return 0;
		}
		assertThatExceptionOfType(RestorePointMissingException.class).as("seed %d TXID %d", seed, target)
			.isThrownBy(() -> plan(RestoreTarget.of(txid(target))))
			.satisfies((ex) -> {
				assertThat(ex.before()).as("seed %d", seed).satisfies(isAt(points.lower(target)));
				assertThat(ex.after()).as("seed %d", seed).satisfies(isAt(points.higher(target)));
			});
		return 1;
	}

	private int checkInstants(int seed, RestoreTarget target) throws IOException {
		Predicate<LtxFileInfo> counts = (file) -> target.before() == null || file.createdAt().isBefore(target.before());
		TreeSet<Integer> points = reachable(counts);
		if (this.files.isEmpty()) {
			assertThatThrownBy(() -> plan(target)).isInstanceOf(NoBackupException.class);
			return 3;
		}
		int end = points.isEmpty() ? 0 : points.last();
		boolean held = this.files.stream().anyMatch((file) -> first(file) <= end + 1 && last(file) > end);
		boolean lost = this.files.stream().anyMatch((file) -> counts.test(file) && last(file) > end && !held);
		boolean gap = lost || end < reach(counts);
		if (gap) {
			assertThatThrownBy(() -> plan(target)).as("seed %d %s", seed, target)
				.isInstanceOf(BackupGapException.class);
			return 2;
		}
		if (end == 0) {
			assertThatThrownBy(() -> plan(target)).as("seed %d %s", seed, target)
				.isInstanceOf(RestorePointMissingException.class);
			return 1;
		}
		RestorePlan plan = plan(target);
		assertThat(last(plan.files().get(plan.files().size() - 1))).as("seed %d %s", seed, target).isEqualTo(end);
		checkChain(seed, plan, counts);
		return 0;
	}

	private void checkPoints(int seed) {
		RestorePoints points = planner(this.unreadable).points();
		assertThat(points.all()).as("seed %d", seed)
			.extracting((point) -> (int) point.txid().value())
			.containsExactlyElementsOf(reachable((file) -> true));
		assertThat(points.levels()).hasSize(ReplicaClient.LEVELS).allSatisfy((level) -> {
			TreeSet<Integer> ends = new TreeSet<>(
					level.points().stream().map((point) -> (int) point.txid().value()).toList());
			assertThat(ends).as("seed %d level %d", seed, level.level()).isEqualTo(reachableIn(level.level()));
			assertThat(level.points()).allSatisfy(
					(point) -> assertThat(this.files).anyMatch((file) -> file.level() == level.level() && readable(file)
							&& file.maxTxid().equals(point.txid()) && file.createdAt().equals(point.timestamp())));
		});
	}

	/** The ends of chains whose last file is of one level. */
	private TreeSet<Integer> reachableIn(int level) {
		TreeSet<Integer> points = reachable((file) -> true);
		TreeSet<Integer> ends = new TreeSet<>();
		for (LtxFileInfo file : this.files) {
			if (file.level() == level && readable(file) && (first(file) == 1
					|| points.stream().anyMatch((point) -> first(file) <= point + 1 && last(file) > point))) {
				ends.add(last(file));
			}
		}
		return ends;
	}

	/** How far the files would lead if all of them could be read. */
	private int reach(Predicate<LtxFileInfo> counts) {
		this.allReadable = true;
		TreeSet<Integer> points = reachable(counts);
		this.allReadable = false;
		return points.isEmpty() ? 0 : points.last();
	}

	/** All positions that some chain of files reaches: the closure, by brute force. */
	private TreeSet<Integer> reachable(Predicate<LtxFileInfo> counts) {
		TreeSet<Integer> points = new TreeSet<>();
		boolean grows = true;
		while (grows) {
			grows = false;
			for (LtxFileInfo file : this.files) {
				boolean joins = first(file) == 1
						|| points.stream().anyMatch((point) -> first(file) <= point + 1 && last(file) > point);
				if (joins && readable(file) && counts.test(file)) {
					grows |= points.add(last(file));
				}
			}
		}
		return points;
	}

	private void checkChain(int seed, RestorePlan plan, Predicate<LtxFileInfo> counts) {
		int end = 0;
		for (LtxFileInfo file : plan.files()) {
			assertThat(readable(file) && counts.test(file)).as("seed %d %s", seed, file).isTrue();
			assertThat(first(file)).as("seed %d %s", seed, file).isLessThanOrEqualTo(end + 1);
			assertThat(last(file)).as("seed %d %s", seed, file).isGreaterThan(end);
			end = last(file);
		}
		List<LtxFileInfo> files = plan.files();
		for (int i = 0; i + 1 < files.size(); i++) {
			int endBefore = (i == 0) ? 0 : last(files.get(i - 1));
			assertThat(first(files.get(i + 1))).as("seed %d: %s is superfluous", seed, files.get(i))
				.isGreaterThan(endBefore + 1);
		}
	}

}
