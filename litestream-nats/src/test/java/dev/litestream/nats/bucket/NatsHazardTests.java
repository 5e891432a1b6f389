package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * What is known to go wrong with object stores in JetStream while the server is well.
 */
@NatsServerTest
@Timeout(120)
class NatsHazardTests extends NatsBucketFixture {

	NatsHazardTests(NatsServer server) throws Exception {
		super(server);
	}

	@Test
	@Hazard("N3")
	@Hazard("S1")
	void deletingLeavesNoMessageBehind() throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 100; i++) {
			files.add(write(i, bytes(i)));
		}
		files.add(write(101, bytes(1_000_000)));
		this.client.delete(files);
		assertThat(this.raw.messages()).isZero();
	}

	@Test
	@Hazard("N3")
	void tombstonesOfOtherClientsAreNeitherListedNorInTheWay() throws Exception {
		write(1, bytes(100));
		LtxFileInfo second = write(2, bytes(100));
		this.raw.objectStore().delete(FIRST);
		assertThat(this.raw.meta(FIRST).deleted()).isTrue();
		assertThat(this.client.list(0).files()).containsExactly(second);
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> read(file(1, 100)));
		LtxFileInfo again = write(1, bytes(200));
		assertThat(read(again)).isEqualTo(bytes(200));
		this.raw.objectStore().delete(FIRST);
		this.client.delete(List.of(again, second));
		assertThat(this.raw.messages()).isZero();
	}

	@Test
	@Hazard("S8")
	void anObjectWithoutItsChunksGivesWayToOtherContent() throws Exception {
		write(1, bytes(1000));
		this.raw.purge(this.raw.bucket.allChunks());
		// nobody can have read it, so the history may go on differently there
		LtxFileInfo file = write(1, bytes(2000));
		assertThat(read(file)).isEqualTo(bytes(2000));
		assertThat(this.raw.messages()).isEqualTo(2);
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(1, bytes(3000)));
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03IsRefusedWithTheWayOut() throws Exception {
		String name = "generations/0123456789abcdef/snapshots/00000000.snapshot.lz4";
		this.raw.connection.objectStore(this.raw.bucket.name()).put(name, new byte[10]);
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::listAll)
			.withMessageContaining(name)
			.withMessageContaining("Litestream 0.3")
			.withMessageContaining("an empty bucket");
		try (NatsReplicaClient beside = client("app")) {
			assertThat(beside.list(0).files()).as("another database of the bucket").isEmpty();
		}
		this.client.write(0, Txid.FIRST, Txid.FIRST, Instant.now().plusSeconds(60), source(bytes(10)));
		assertThat(this.client.list(0).files()).as("taken over by a later one").hasSize(1);
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03IsFoundBelowThePath() throws Exception {
		this.raw.connection.objectStore(this.raw.bucket.name())
			.put("app/generations/0123456789abcdef/wal/00000000_00000000.wal.lz4", new byte[10]);
		assertThat(this.client.list(0).files()).isEmpty();
		try (NatsReplicaClient inside = client("app")) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(inside::listAll);
		}
	}

	@Test
	@Hazard("S9")
	void chunksOfAFailedPutAreRemoved() throws Exception {
		InputStream failing = new InputStream() {
			private int given;

			@Override
			public int read() throws IOException {
				if (this.given++ >= 1_000_000) {
					throw new IOException("the disk failed");
				}
				return 1;
			}
		};
		this.client.open();
		assertThatIOException().isThrownBy(() -> this.client.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, failing))
			.withMessage("the disk failed");
		await().until(() -> this.raw.messages() == 0);
	}

	@Test
	@Hazard("S20")
	void aSecondWriterIsRefusedAndLeavesNothing() throws Exception {
		LtxFileInfo ours = write(1, bytes(1000));
		try (NatsReplicaClient other = client(null)) {
			assertThatExceptionOfType(LtxConflictException.class)
				.isThrownBy(() -> other.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(500_000))))
				.withMessageContaining("another writer");
		}
		await().until(() -> this.raw.messages() == 2);
		assertThat(read(ours)).isEqualTo(bytes(1000));
	}

	@Test
	@Hazard("S20")
	void writingTheSameAgainLeavesOneObject() throws Exception {
		write(1, bytes(300_000));
		Map<String, Long> before = this.raw.subjects();
		write(1, bytes(300_000));
		await().untilAsserted(() -> assertThat(this.raw.subjects()).isEqualTo(before));
	}

	@Test
	@Hazard("N1")
	void databasesShareABucketByPath() throws Exception {
		LtxFileInfo unprefixed = write(1, bytes(100));
		try (NatsReplicaClient shop = client("shop"); NatsReplicaClient shopLogs = client("shop/logs")) {
			LtxFileInfo ofShop = shop.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(200)));
			LtxFileInfo ofLogs = shopLogs.write(0, Txid.FIRST, Txid.FIRST, TIMESTAMP, source(bytes(300)));
			assertThat(this.client.listAll().get(0).files()).containsExactly(unprefixed);
			assertThat(shop.listAll().get(0).files()).containsExactly(ofShop);
			assertThat(shopLogs.listAll().get(0).files()).containsExactly(ofLogs);
			shop.delete(List.of(ofShop));
			assertThat(shop.list(0).isEmpty()).isTrue();
			assertThat(read(unprefixed)).isEqualTo(bytes(100));
		}
		assertThat(this.raw.meta("shop/logs/" + FIRST).size()).isEqualTo(300);
	}

	@Test
	@Hazard("S4")
	void aNameThatCannotBeReadSpoilsTheListing() throws Exception {
		write(1, bytes(100));
		this.raw.objectStore().put("notes/ltx/0/x", new byte[1]);
		this.raw.objectStore().put("ltx/readme", new byte[1]);
		assertThat(this.client.list(0).files()).hasSize(1);
		this.raw.objectStore().put("ltx/0/readme", new byte[1]);
		assertThatIOException().isThrownBy(() -> this.client.list(0)).withMessageContaining("'ltx/0/readme'");
	}

	@Test
	@Hazard("S4")
	@Hazard("S5")
	@Hazard("N2")
	void aListingWhileOthersWriteAndDeleteHoldsAllThatStays() throws Exception {
		List<LtxFileInfo> stay = new ArrayList<>();
		for (int i = 1; i <= 1500; i++) {
			stay.add(write(i, bytes(10)));
		}
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (NatsReplicaClient other = client(null)) {
			Future<Integer> churn = executor.submit(() -> {
				int rounds = 0;
				while (!Thread.currentThread().isInterrupted()) {
					List<LtxFileInfo> some = new ArrayList<>();
					for (int i = 0; i < 20; i++) {
						Txid txid = new Txid(10_000 + rounds * 20 + i);
						some.add(other.write(0, txid, txid, TIMESTAMP, source(bytes(10))));
					}
					other.delete(some);
					rounds++;
				}
				return rounds;
			});
			for (int i = 0; i < 40; i++) {
				assertThat(this.client.list(0).files()).containsAll(stay);
			}
			assertThat(churn.isDone()).isFalse();
			executor.shutdownNow();
			assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	@Hazard("S15")
	void readingAndListingLeavesNoConsumerBehind() throws Exception {
		LtxFileInfo file = write(1, bytes(3_000_000));
		for (int i = 0; i < 10; i++) {
			read(file);
			this.client.list(0);
			try (InputStream in = this.client.read(file)) {
				in.readNBytes(10);
			}
		}
		await().until(() -> this.raw.state().getConsumerCount() == 0);
	}

}
