package dev.litestream.nats.interop;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.LevelOptions;
import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.PurgeOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Objects that are named in the bucket and whose content the server has lost, all of it
 * or some chunks: the running replication notices, says so, and sends again what is
 * missing.
 */
@NatsServerTest
class PhantomTests {

	private static final LevelOptions NEVER = levels(Duration.ofHours(1));

	@TempDir
	Path directory;

	/** Each object has several chunks; some or none of them are left. */
	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void whatWasLostWhileNobodyLookedIsReportedAndSentAgain(int left, NatsServer server) throws Exception {
		String name = "phantom-start-" + left;
		try (ReplicaBucket bucket = new ReplicaBucket(server, name, this.directory);
				Application app = Application.create(this.directory.resolve("app.db"), 4096)) {
			Txid lost;
			try (Replication ours = start(app, bucket, NEVER)) {
				lost = commits(app, ours).get(2);
			}
			lose(server, name, lost, left);
			assertThat(bucket.files(0)).noneMatch((file) -> file.maxTxid().equals(lost));
			assertThat(bucket.client().condition().findings()).extracting(ReplicaFinding::code).contains("phantoms");
			try (Replication ours = start(app, bucket, NEVER)) {
				ours.sync();
				requireReported(ours, lost);
				assertThat(ours.status().counters().resyncs()).isEqualTo(1);
				bucket.requireSame(app);
				commits(app, ours);
				bucket.requireSame(app);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void whatIsLostWhileItReplicatesIsReportedAndSentAgain(int left, NatsServer server) throws Exception {
		String name = "phantom-running-" + left;
		try (ReplicaBucket bucket = new ReplicaBucket(server, name, this.directory);
				Application app = Application.create(this.directory.resolve("app.db"), 4096);
				Replication ours = start(app, bucket, levels(Duration.ofSeconds(2)))) {
			Txid lost = loseBeforeItIsCompacted(app, ours, bucket, server, name, left);
			await().atMost(Replication.LONG).until(() -> ours.status().counters().resyncs() > 1);
			requireReported(ours, lost);
			ours.sync();
			bucket.requireSame(app);
		}
	}

	private Txid loseBeforeItIsCompacted(Application app, Replication ours, ReplicaBucket bucket, NatsServer server,
			String name, int left) throws Exception {
		while (true) {
			List<Txid> txids = commits(app, ours);
			Txid lost = txids.get(txids.size() - 2);
			if (lose(server, name, lost, left) && bucket.client().list(1).maxTxid().isBefore(lost)) {
				return lost;
			}
		}
	}

	private static void requireReported(Replication ours, Txid lost) {
		assertThat(ours.status().condition().findings()).anySatisfy((finding) -> {
			assertThat(finding.code()).isEqualTo("phantoms");
			assertThat(finding.message()).contains("ltx/0/" + lost + "-" + lost + ".ltx");
		});
	}

	/** A few transactions, one file each, of several chunks. */
	private static List<Txid> commits(Application app, Replication ours) throws Exception {
		app.execute("CREATE TABLE IF NOT EXISTS t(v)");
		ours.sync();
		List<Txid> txids = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			app.execute("INSERT INTO t VALUES(randomblob(400000))");
			ours.sync();
			txids.add(ours.status().replicatedTxid());
		}
		return txids;
	}

	/**
	 * Removes chunks of a raw file behind everybody's back.
	 * @return whether the file was there
	 */
	private static boolean lose(NatsServer server, String bucket, Txid txid, int left) throws Exception {
		try (Connection connection = Nats.connect(server.url())) {
			var info = connection.objectStore(bucket).getInfo("ltx/0/" + txid + "-" + txid + ".ltx");
			if (info == null) {
				return false;
			}
			assertThat(info.getChunks()).isGreaterThan(2);
			PurgeOptions.Builder options = PurgeOptions.builder().subject("$O." + bucket + ".C." + info.getNuid());
			if (left > 0) {
				options.keep(left);
			}
			return connection.jetStreamManagement().purgeStream("OBJ_" + bucket, options.build()).isSuccess();
		}
	}

	private static LevelOptions levels(Duration interval) {
		return new LevelOptions(List.of(interval), Duration.ofHours(24), Duration.ofHours(24), Duration.ofSeconds(3),
				Duration.ofMillis(200), true);
	}

	private static Replication start(Application app, ReplicaBucket bucket, LevelOptions levels) throws SQLException {
		return Replication.start(app, bucket.url(), (options) -> options.levels(levels));
	}

}
