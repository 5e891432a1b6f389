package dev.litestream.nats.bucket;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Buckets that are missing, full, unsuitable or to be created.
 */
@NatsServerTest
@Timeout(120)
class NatsBucketTests extends NatsBucketFixture {

	NatsBucketTests(NatsServer server) throws Exception {
		super(server);
	}

	@Test
	@Hazard("S3")
	void aFullBucketRefusesObjectsAndFreesDeletedOnes() throws Exception {
		this.raw.deleteBucket();
		this.raw.create(2 * 1024 * 1024, Duration.ZERO);
		LtxFileInfo first = write(1, bytes(1_500_000));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(2, bytes(1_000_000)))
			.withMessageContaining("is full")
			.withMessageContaining("nats stream edit OBJ_" + this.raw.bucket.name() + " --max-bytes");
		assertThat(this.client.list(0).files()).containsExactly(first);
		this.client.delete(List.of(first));
		await().until(() -> this.raw.messages() == 0);
		assertThat(read(write(2, bytes(1_000_000)))).isEqualTo(bytes(1_000_000));
	}

	@Test
	@Hazard("N6")
	@Hazard("S19")
	void aMissingBucketIsRefusedUntilItExists() throws Exception {
		this.raw.deleteBucket();
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::open)
				.withMessageContaining("`nats object add " + this.raw.bucket.name() + " --storage=file --replicas=1`")
				.withMessageContaining("replica.bucket.create=true");
		}
		this.raw.create();
		this.client.open();
		assertThat(this.client.list(0).isEmpty()).isTrue();
	}

	@Test
	@Hazard("N7")
	@Hazard("S19")
	void aBucketThatVanishesIsNotTakenForMissingFiles() throws Exception {
		LtxFileInfo file = write(1, bytes(10));
		this.raw.deleteBucket();
		List<Callable<?>> calls = List.of(() -> read(file), () -> this.client.listAll(), () -> write(2, bytes(10)),
				() -> {
					this.client.delete(List.of(file));
					return null;
				});
		for (Callable<?> call : calls) {
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(call::call)
				.withMessageContaining("does not exist");
		}
	}

	@Test
	@Hazard("S2")
	@Hazard("N13")
	void aBucketThatExpiresItsObjectsIsRefused() throws Exception {
		this.raw.deleteBucket();
		this.raw.create(-1, Duration.ofDays(30));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(this.client::open)
			.withMessageContaining("--max-age=0");
	}

	@Test
	void aBucketIsCreatedAsAskedFor() throws Exception {
		String name = this.raw.bucket.name() + "-created";
		NatsBucketOptions wanted = new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, 5_000_000,
				"Backups of \"the shop\"");
		try (NatsReplicaClient creating = new NatsReplicaClient(
				NatsReplicaUrl.parse(this.server.url(name)).toOptions().bucketOptions(wanted).build())) {
			creating.open();
		}
		try (RawBucket created = new RawBucket(this.server.url(), name)) {
			var status = created.objectStore().getStatus();
			assertThat(status.getMaxBucketSize()).isEqualTo(5_000_000);
			assertThat(status.getDescription()).isEqualTo("Backups of \"the shop\"");
			assertThat(status.getTtl()).isZero();
			created.objectStore().put("x", new byte[10]);
			created.objectStore().delete("x");
		}
	}

	@Test
	void aBucketIsCreatedWithMetadataAndCompressed() throws Exception {
		String name = this.raw.bucket.name() + "-labelled";
		NatsBucketOptions wanted = new NatsBucketOptions(true, 1, NatsBucketOptions.Storage.FILE, -1, null,
				NatsBucketOptions.Placement.ANYWHERE, Map.of("owner", "team \"a\"", "system", "shop"), true);
		try (NatsReplicaClient creating = new NatsReplicaClient(
				NatsReplicaUrl.parse(this.server.url(name)).toOptions().bucketOptions(wanted).build())) {
			creating.open();
			assertThat(creating.condition().findings()).isEmpty();
		}
		try (RawBucket created = new RawBucket(this.server.url(), name)) {
			var status = created.objectStore().getStatus();
			assertThat(status.getMetadata()).containsEntry("owner", "team \"a\"").containsEntry("system", "shop");
			assertThat(status.isCompressed()).isTrue();
		}
	}

}
