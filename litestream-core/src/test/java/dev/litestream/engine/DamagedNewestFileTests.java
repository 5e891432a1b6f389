package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;

import dev.litestream.ReplicationState;
import dev.litestream.ResyncReason;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The replica's newest raw file rots. It came from here, and is not taken for another
 * writer's.
 */
class DamagedNewestFileTests {

	@TempDir
	Path directory;

	/** The failure makes the replica be compared with the spool. */
	@ParameterizedTest
	@EnumSource
	void damageAndAFailedUploadAreNoOtherWriter(Damage damage) throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		try (Application app = new Application(this.directory, replica, (o) -> {
		})) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			damage.inflict(newest());
			replica.refuse("full");
			app.execute("INSERT INTO t VALUES('later')");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.REPLICA_UNAVAILABLE);
			replica.refuse(null);
			// What waited counts when the snapshot is there.
			assertThat(app.database().awaitReplicated(app.status().txid(), Application.LONG)).isTrue();
			app.requireReplicaEqual();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.BACKUP_DAMAGED);
			assertThat(app.status().counters().resyncsByReason()).containsEntry(ResyncReason.BACKUP_DAMAGED, 1L);
			app.execute("INSERT INTO t VALUES('after it')");
			app.requireReplicaEqual();
			assertThat(app.status().counters().resyncsByReason()).containsEntry(ResyncReason.BACKUP_DAMAGED, 1L);
		}
	}

	/** Its header says that it came from here. */
	@Test
	void damageIsNoOtherWriterAfterARestartEither() throws Exception {
		rows();
		Damage.TRAILER.inflict(newest());
		try (Application app = new Application(this.directory)) {
			app.requireReplicaEqual();
			assertThat(app.status().counters().lastResync()).isEqualTo(ResyncReason.BACKUP_DAMAGED);
		}
	}

	@Test
	void damageThatSaysNothingIsNamedAfterARestart() throws Exception {
		rows();
		Damage.ZEROS.inflict(newest());
		try (Application app = new Application(this.directory)) {
			assertThat(app.database().sync(Application.LONG)).isFalse();
			assertThat(app.status().state()).isEqualTo(ReplicationState.FAILED);
			assertThat(app.status().lastError()).contains("the newest file there is damaged")
				.contains("replica.on-mismatch=resync");
		}
	}

	private void rows() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
			app.execute("INSERT INTO t VALUES(randomblob(9000))");
			app.sync();
		}
	}

	private Path newest() throws Exception {
		try (var files = Files.list(this.directory.resolve("replica/ltx/0"))) {
			return files.max(Comparator.naturalOrder()).orElseThrow();
		}
	}

	/** How a file rots. */
	enum Damage {

		/** The checksum at its end. */
		TRAILER,

		/** All of it. */
		ZEROS,

		/** Its end is missing. */
		SHORT;

		void inflict(Path file) throws Exception {
			byte[] content = Files.readAllBytes(file);
			switch (this) {
				case TRAILER -> content[content.length - 1] ^= 1;
				case ZEROS -> content = new byte[content.length];
				case SHORT -> content = Arrays.copyOf(content, content.length - 40);
			}
			Files.write(file, content);
		}

	}

}
