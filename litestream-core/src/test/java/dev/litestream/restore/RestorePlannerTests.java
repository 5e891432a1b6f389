package dev.litestream.restore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreTarget;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which files a restore reads, and which points there are.
 */
class RestorePlannerTests extends RestorePlannerFixture {

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
	void txidsAreUnsigned() throws IOException {
		this.files.add(new LtxFileInfo(9, txid(1), txid(0x7fffffffffffffffL), 1000, EPOCH));
		this.files.add(new LtxFileInfo(0, txid(0x8000000000000000L), txid(0x8000000000000000L), 1000, EPOCH));
		this.files.add(new LtxFileInfo(1, txid(0x8000000000000001L), txid(-1), 1000, EPOCH));
		assertThat(plan(RestoreTarget.LATEST).files()).isEqualTo(this.files);
		assertThat(plan(RestoreTarget.of(txid(-1))).txid()).isEqualTo(txid(-1));
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

}
