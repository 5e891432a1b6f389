package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Restores random replicas of one history and compares with what brute force says: levels
 * that overlap and repeat each other, with gaps, and with phantoms, which are listed but
 * not there.
 */
@Timeout(120)
class RestoreByBruteForceTests {

	private static final int LAST = 9;

	private static final int PAGE_SIZE = 512;

	@TempDir
	private Path temp;

	private final List<byte[]> images = new ArrayList<>(List.of(new byte[0]));

	@BeforeEach
	void makeImages() throws Exception {
		Path path = this.temp.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size=" + PAGE_SIZE);
			statement.execute("CREATE TABLE t(v BLOB)");
			for (int i = 1; i <= LAST; i++) {
				statement.execute((i % 4 == 0) ? "DELETE FROM t WHERE rowid % 2 = 0"
						: "INSERT INTO t SELECT randomblob(700) FROM json_each('[1,2,3]')");
				if (i % 4 == 0) {
					statement.execute("VACUUM");
				}
				this.images.add(History.image(connection));
			}
		}
	}

	@Test
	@Hazard("S8")
	void phantomsAreReplacedOrReported() throws Exception {
		int restored = 0;
		int refused = 0;
		int gaps = 0;
		for (int seed = 0; seed < 60; seed++) {
			Random random = new Random(seed);
			ReplicaClient files = new FileReplicaClient(this.temp.resolve("replica-" + seed));
			files.open();
			List<LtxFileInfo> listed = randomFiles(random, files);
			Set<LtxFileInfo> phantoms = new HashSet<>();
			for (int i = random.nextInt(4); i > 0 && !listed.isEmpty(); i--) {
				phantoms.add(listed.get(random.nextInt(listed.size())));
			}
			ReplicaClient client = new InterceptedClient(files, (file) -> {
				if (phantoms.contains(file)) {
					throw new NoSuchFileException(file.fileName());
				}
			});
			List<LtxFileInfo> present = new ArrayList<>(listed);
			present.removeAll(phantoms);
			for (int txid = 1; txid <= LAST; txid++) {
				if (reachable(present).contains(txid)) {
					assertThat(restore(client, RestoreTarget.of(new Txid(txid)), seed)).isEqualTo(txid);
					restored++;
				}
				else {
					RestoreTarget target = RestoreTarget.of(new Txid(txid));
					int at = seed;
					assertThatExceptionOfType(RestorePointMissingException.class).as("seed %d TXID %d", seed, txid)
						.isThrownBy(() -> restore(client, target, at));
					refused++;
				}
			}
			gaps += checkLatest(client, listed, present, seed);
		}
		assertThat(restored).isGreaterThan(20);
		assertThat(refused).isGreaterThan(20);
		assertThat(gaps).isBetween(10, 50);
	}

	private int checkLatest(ReplicaClient client, List<LtxFileInfo> listed, List<LtxFileInfo> present, int seed)
			throws IOException {
		TreeSet<Integer> points = reachable(present);
		int end = points.isEmpty() ? 0 : points.last();
		if (end == listed.stream().mapToInt((file) -> (int) file.maxTxid().value()).max().orElse(0)) {
			assertThat(restore(client, RestoreTarget.LATEST, seed)).as("seed %d", seed).isEqualTo(end);
			return 0;
		}
		assertThatExceptionOfType(BackupGapException.class).as("seed %d", seed)
			.isThrownBy(() -> restore(client, RestoreTarget.LATEST, seed));
		return 1;
	}

	private List<LtxFileInfo> randomFiles(Random random, ReplicaClient client) throws IOException {
		History history = new History(client, PAGE_SIZE, this.temp);
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= LAST; i++) {
			LtxFileInfo file = history.add(this.images.get(i));
			if (i > 1 && random.nextInt(8) == 0) {
				client.delete(List.of(file));
			}
			else {
				files.add(file);
			}
		}
		for (int n = random.nextInt(8); n > 0; n--) {
			int level = (random.nextInt(3) == 0) ? ReplicaClient.SNAPSHOT_LEVEL : 1 + random.nextInt(3);
			int min = (level == ReplicaClient.SNAPSHOT_LEVEL) ? 1 : 1 + random.nextInt(LAST);
			int max = min + random.nextInt(LAST - min + 1);
			files.add(history.write(level, min, max));
		}
		return List.copyOf(new HashSet<>(files));
	}

	/** All positions that some chain of files reaches. */
	private static TreeSet<Integer> reachable(List<LtxFileInfo> files) {
		TreeSet<Integer> points = new TreeSet<>(List.of(0));
		boolean grows = true;
		while (grows) {
			grows = false;
			for (LtxFileInfo file : files) {
				int min = (int) file.minTxid().value();
				int max = (int) file.maxTxid().value();
				if (points.stream().anyMatch((point) -> min <= point + 1 && max > point)) {
					grows |= points.add(max);
				}
			}
		}
		points.remove(0);
		return points;
	}

	/** Restores, compares with the history, and tells the TXID. */
	private int restore(ReplicaClient client, RestoreTarget target, int seed) throws IOException {
		Path output = this.temp.resolve("restored.db");
		try {
			RestoreResult result = new Restorer().restore(client,
					new RestoreOptions(output, target, IntegrityCheck.NONE, false), null);
			int txid = (int) result.txid().value();
			assertThat(output).as("seed %d TXID %d", seed, txid).hasBinaryContent(this.images.get(txid));
			return txid;
		}
		finally {
			Files.deleteIfExists(output);
		}
	}

}
