package dev.litestream.restore;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link RestorePlanner}.
 */
class RestorePlannerTests {

	private static final Instant EPOCH = Instant.parse("2026-08-19T12:00:00Z");

	private final List<LtxFileInfo> files = new ArrayList<>();

	/** Listed files that turned out to be unreadable. */
	private final List<LtxFileInfo> unreadable = new ArrayList<>();

	private boolean allReadable;

	@Test
	void aReplicaWithoutFilesHoldsNoBackup() {
		for (RestoreTarget target : List.of(RestoreTarget.LATEST, RestoreTarget.of(txid(1)),
				RestoreTarget.before(EPOCH))) {
			assertThatExceptionOfType(NoBackupException.class).isThrownBy(() -> plan(target))
				.withMessageContaining("file:///backup");
		}
	}

	@Test
	void rawFilesFromTheFirstTxidAreEnough() throws IOException {
		range(0, 1, 1, 2, 2, 3, 3);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("0/1-1", "0/2-2", "0/3-3");
	}

	@Test
	void theNewestSnapshotIsExtendedByTheLongestFiles() throws IOException {
		range(9, 1, 10, 1, 20);
		range(3, 1, 15);
		range(2, 19, 25);
		range(1, 1, 5, 6, 10, 11, 15, 16, 20, 21, 24, 26, 30);
		for (int i = 20; i <= 32; i++) {
			range(0, i, i);
		}
		assertThat(names(RestoreTarget.LATEST)).containsExactly("9/1-20", "2/19-25", "1/26-30", "0/31-31", "0/32-32");
	}

	@Test
	void ofFiftyShuffledSnapshotsTheNewestIsTaken() throws IOException {
		List<Integer> ends = new ArrayList<>(IntStream.rangeClosed(1, 50).boxed().toList());
		Collections.shuffle(ends, new Random(14));
		ends.forEach((end) -> range(9, 1, end));
		assertThat(names(RestoreTarget.LATEST)).containsExactly("9/1-50");
		assertThat(names(RestoreTarget.of(txid(37)))).containsExactly("9/1-37");
	}

	@Test
	void aCompactionThatHoldsAllReplacesAnOlderSnapshot() throws IOException {
		range(9, 1, 10);
		range(3, 1, 30);
		range(0, 31, 31);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("3/1-30", "0/31-31");
	}

	@Test
	void ofEqualReachTheSmallerFileIsTaken() throws IOException {
		range(9, 1, 10);
		add(2, 5, 20, 5000, 20);
		add(1, 11, 20, 3000, 20);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("9/1-10", "1/11-20");
	}

	@Test
	void duplicatesAndCoveredFilesAreSkipped() throws IOException {
		range(1, 1, 10, 1, 10, 3, 7, 5, 12, 11, 12);
		range(0, 5, 5, 12, 12, 13, 13);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("1/1-10", "1/11-12", "0/13-13");
	}

	@Test
	void aTxidIsReachedExactly() throws IOException {
		range(1, 1, 10);
		range(0, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12);
		assertThat(names(RestoreTarget.of(txid(11)))).containsExactly("1/1-10", "0/11-11");
		assertThat(plan(RestoreTarget.of(txid(12))).txid()).isEqualTo(txid(12));
	}

	@ParameterizedTest
	@CsvSource({ "3,,10", "9,,10", "15,12,20", "21,20,", "0,,10" })
	void aTxidThatCannotBeReachedNamesTheNearest(int target, @Nullable Integer before, @Nullable Integer after) {
		range(1, 1, 10, 11, 20);
		range(0, 11, 11, 12, 12);
		assertThatExceptionOfType(RestorePointMissingException.class)
			.isThrownBy(() -> plan(RestoreTarget.of(txid(target))))
			.withMessageContaining(txid(target).toString())
			.satisfies((ex) -> {
				assertThat(ex.before()).isEqualTo(point(before));
				assertThat(ex.after()).isEqualTo(point(after));
			});
	}

	@Test
	void anInstantIsExclusive() throws IOException {
		range(0, 1, 1, 2, 2, 3, 3);
		assertThat(names(RestoreTarget.before(at(3)))).containsExactly("0/1-1", "0/2-2");
		assertThat(names(RestoreTarget.before(at(3).plusMillis(1)))).hasSize(3);
		assertThat(names(RestoreTarget.before(at(1000)))).hasSize(3);
	}

	@Test
	void anInstantBeforeTheFirstFileNamesTheNearestAfter() {
		range(0, 1, 1, 2, 2);
		assertThatExceptionOfType(RestorePointMissingException.class)
			.isThrownBy(() -> plan(RestoreTarget.before(at(1))))
			.withMessageContaining(at(1).toString())
			.satisfies((ex) -> {
				assertThat(ex.before()).isNull();
				assertThat(ex.after()).isEqualTo(point(1));
			});
	}

	@Test
	void anInstantWithinACompactedFileGoesToThePointBefore() throws IOException {
		range(1, 1, 10, 11, 20);
		range(0, 15, 15, 16, 16, 17, 17, 18, 18, 19, 19, 20, 20);
		assertThat(plan(RestoreTarget.before(at(18))).txid()).isEqualTo(txid(10));
	}

	@Test
	void aSnapshotTakenAfterTheInstantIsNotUsed() throws IOException {
		range(9, 1, 2);
		add(9, 1, 4, 1000, 7);
		range(0, 3, 3, 4, 4, 5, 5);
		assertThat(names(RestoreTarget.before(at(6)))).containsExactly("9/1-2", "0/3-3", "0/4-4", "0/5-5");
		assertThat(names(RestoreTarget.before(at(8)))).containsExactly("9/1-4", "0/5-5");
	}

	@Test
	void aGapBeforeTheLatestIsAnError() {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13, 14, 14);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("have up to 000000000000000b, the next file starts at 000000000000000d");
	}

	@Test
	void aGapBeforeAnInstantIsAnError() throws IOException {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13, 14, 14);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.before(at(14))));
		assertThat(plan(RestoreTarget.before(at(13))).txid()).isEqualTo(txid(11));
	}

	@Test
	void aGapDoesNotHideThePointsBeforeIt() throws IOException {
		range(9, 1, 10);
		range(0, 11, 11, 13, 13);
		assertThat(plan(RestoreTarget.of(txid(11))).txid()).isEqualTo(txid(11));
		assertThatExceptionOfType(RestorePointMissingException.class)
			.isThrownBy(() -> plan(RestoreTarget.of(txid(13))));
	}

	@Test
	void aHistoryWithoutItsBeginningIsAGap() {
		range(1, 5, 10);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("nothing starts at TXID 0000000000000001");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 99 })
	void aFileShorterThanItsHeaderIsReplacedByOtherLevels(int size) throws IOException {
		add(9, 1, 20, size, 20);
		range(1, 1, 10, 11, 20);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("1/1-10", "1/11-20");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 99 })
	void aNewestFileShorterThanItsHeaderIsNotPassedOver(int size) throws IOException {
		range(1, 1, 10);
		add(0, 11, 11, size, 11);
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> plan(RestoreTarget.LATEST))
			.withMessageContaining("0/000000000000000b-000000000000000b.ltx (" + size + " bytes)")
			.withMessageContaining("can be restored as TXID 000000000000000a");
		assertThat(plan(RestoreTarget.of(txid(10))).txid()).isEqualTo(txid(10));
	}

	@Test
	void anUnreadableFileIsAvoided() throws IOException {
		range(9, 1, 5, 1, 10);
		range(1, 6, 10);
		range(0, 11, 11);
		LtxFileInfo broken = this.files.get(1);
		assertThat(names(RestoreTarget.LATEST)).containsExactly("9/1-10", "0/11-11");
		RestorePlan plan = planner(List.of(broken)).plan(RestoreTarget.LATEST);
		assertThat(plan.files()).extracting(RestorePlannerTests::name).containsExactly("9/1-5", "1/6-10", "0/11-11");
	}

	@Test
	void txidsAreUnsigned() throws IOException {
		this.files.add(new LtxFileInfo(9, txid(1), txid(0x7fffffffffffffffL), 1000, EPOCH));
		this.files.add(new LtxFileInfo(0, txid(0x8000000000000000L), txid(0x8000000000000000L), 1000, EPOCH));
		this.files.add(new LtxFileInfo(1, txid(0x8000000000000001L), txid(-1), 1000, EPOCH));
		assertThat(plan(RestoreTarget.LATEST).files()).isEqualTo(this.files);
		assertThat(plan(RestoreTarget.of(txid(-1))).txid()).isEqualTo(txid(-1));
	}

	@Test
	void anUnreadableFileThatWouldNotHelpIsNoGap() throws IOException {
		range(9, 1, 4);
		range(1, 5, 10);
		range(0, 7, 7);
		assertThat(planner(List.of(this.files.get(2))).plan(RestoreTarget.before(at(9))).txid()).isEqualTo(txid(4));
	}

	@Test
	void pointsThinOutWithAge() {
		add(9, 1, 10, 1000, 12);
		range(2, 1, 10, 11, 20);
		range(1, 11, 15, 16, 20, 21, 25);
		range(0, 21, 21, 22, 22, 23, 23, 24, 24, 25, 25, 26, 26);
		range(0, 28, 28);
		RestorePoints points = planner(List.of()).points();
		assertThat(points.levels().get(0).points()).extracting((point) -> point.txid().value())
			.containsExactly(21L, 22L, 23L, 24L, 25L, 26L);
		assertThat(points.levels().get(1).points()).containsExactly(point(15), point(20), point(25));
		assertThat(points.levels().get(2).points()).containsExactly(point(10), point(20));
		assertThat(points.levels().get(9).points()).containsExactly(new RestorePoint(txid(10), at(12)));
		assertThat(points.all()).extracting((point) -> point.txid().value())
			.containsExactly(10L, 15L, 20L, 21L, 22L, 23L, 24L, 25L, 26L);
		assertThat(points.oldest()).isEqualTo(point(10));
		assertThat(points.newest()).isEqualTo(point(26));
	}

	@Test
	void aReplicaThatHoldsNothingHasNoPoints() {
		RestorePoints points = planner(List.of()).points();
		assertThat(points.levels()).hasSize(ReplicaClient.LEVELS);
		assertThat(points.all()).isEmpty();
		assertThat(points.oldest()).isNull();
		assertThat(points.newest()).isNull();
	}

	@Test
	void notAfterIncludesItsMillisecond() throws IOException {
		range(0, 1, 1, 2, 2, 3, 3);
		assertThat(plan(RestoreTarget.notAfter(at(2))).txid()).isEqualTo(txid(2));
		assertThat(plan(RestoreTarget.notAfter(at(2).plusNanos(999_999))).txid()).isEqualTo(txid(2));
		assertThat(plan(RestoreTarget.notAfter(at(3).minusNanos(1))).txid()).isEqualTo(txid(2));
	}

	@Test
	void aPlanSumsUp() throws IOException {
		add(9, 1, 10, 1000, 10);
		add(0, 11, 11, 234, 11);
		RestorePlan plan = plan(RestoreTarget.LATEST);
		assertThat(plan.bytes()).isEqualTo(1234);
		assertThat(plan.txid()).isEqualTo(txid(11));
		assertThat(plan.timestamp()).isEqualTo(at(11));
	}

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

	private static Consumer<@Nullable RestorePoint> isAt(@Nullable Integer end) {
		return (point) -> assertThat((point != null) ? (Integer) (int) point.txid().value() : null).isEqualTo(end);
	}

	private boolean readable(LtxFileInfo file) {
		return this.allReadable || (file.size() >= 100 && !this.unreadable.contains(file));
	}

	private static int first(LtxFileInfo file) {
		return (int) file.minTxid().value();
	}

	private static int last(LtxFileInfo file) {
		return (int) file.maxTxid().value();
	}

	private void range(int level, int... ranges) {
		for (int i = 0; i < ranges.length; i += 2) {
			add(level, ranges[i], ranges[i + 1], 1000, ranges[i + 1]);
		}
	}

	private void add(int level, int min, int max, long size, int second) {
		this.files.add(new LtxFileInfo(level, txid(min), txid(max), size, at(second)));
	}

	private RestorePlan plan(RestoreTarget target) throws IOException {
		return planner(this.unreadable).plan(target);
	}

	private RestorePlanner planner(List<LtxFileInfo> unreadable) {
		List<LtxListing> levels = IntStream.range(0, ReplicaClient.LEVELS)
			.mapToObj((level) -> new LtxListing(this.files.stream().filter((file) -> file.level() == level).toList()))
			.toList();
		return new RestorePlanner("file:///backup", levels, unreadable);
	}

	private List<String> names(RestoreTarget target) throws IOException {
		return plan(target).files().stream().map(RestorePlannerTests::name).toList();
	}

	private static String name(LtxFileInfo file) {
		return file.level() + "/" + file.minTxid().value() + "-" + file.maxTxid().value();
	}

	private static @Nullable RestorePoint point(@Nullable Integer txid) {
		return (txid != null) ? new RestorePoint(txid(txid), at(txid)) : null;
	}

	private static Txid txid(long value) {
		return new Txid(value);
	}

	private static Instant at(int second) {
		return EPOCH.plusSeconds(second);
	}

}
