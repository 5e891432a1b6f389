package dev.litestream.nats.bucket;

import java.time.Instant;

import dev.litestream.Txid;
import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * What the names and metadata of a bucket's objects say.
 */
class IndexedObjectsTests {

	private static final Instant THEN = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final String SNAPSHOT = "generations/0123456789abcdef/snapshots/00000000.snapshot.lz4";

	private final IndexedObjects objects = new IndexedObjects("bucket");

	@Test
	void filesOfLitestream03AreRefusedUntilTheyAreGone() throws Exception {
		put(SNAPSHOT, THEN, true);
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> requireNoLegacyBackup(null))
			.withMessageContaining(SNAPSHOT)
			.withMessageContaining("nats://here/bucket");
		assertThat(this.objects.remove(SNAPSHOT)).isTrue();
		assertThatCode(() -> requireNoLegacyBackup(null)).doesNotThrowAnyException();
	}

	@Test
	void filesOfLitestream03CountBelowTheSamePathOnly() throws Exception {
		put("app/" + SNAPSHOT, THEN, true);
		assertThatCode(() -> requireNoLegacyBackup(null)).doesNotThrowAnyException();
		assertThatCode(() -> requireNoLegacyBackup("other")).doesNotThrowAnyException();
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> requireNoLegacyBackup("app"));
	}

	@Test
	void filesOfLitestream03AreOfNoConcernBesideNewerOnesOfOurs() throws Exception {
		put(SNAPSHOT, THEN, true);
		put(file(1), THEN.minusSeconds(1), true);
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> requireNoLegacyBackup(null));
		put(file(2), THEN.plusSeconds(1), true);
		assertThatCode(() -> requireNoLegacyBackup(null)).doesNotThrowAnyException();
		assertThat(this.objects.list(new ObjectNames(null), 0).files()).hasSize(2);
	}

	@Test
	void anObjectWithoutItsChunksIsNamedAndNotListed() throws Exception {
		put(file(1), THEN, false);
		assertThat(this.objects.list(new ObjectNames(null), 0).files()).isEmpty();
		assertThat(this.objects.phantoms(new ObjectNames(null))).containsExactly(file(1));
		assertThat(this.objects.phantoms(new ObjectNames("app"))).isEmpty();
		assertThat(put(file(1), THEN, true)).as("replaced").isTrue();
		assertThat(this.objects.phantoms(new ObjectNames(null))).isEmpty();
		assertThat(this.objects.list(new ObjectNames(null), 0).files()).hasSize(1);
	}

	@Test
	void anotherObjectAmongTheFilesSpoilsTheListing() throws Exception {
		put("ltx/0/notes.txt", THEN, true);
		assertThatIOException().isThrownBy(() -> this.objects.list(new ObjectNames(null), 0))
			.withMessageContaining("ltx/0/notes.txt");
		assertThat(this.objects.list(new ObjectNames("app"), 0).files()).isEmpty();
	}

	private boolean put(String name, Instant stored, boolean intact) {
		return this.objects.put(
				new ObjectMeta(name, ObjectMeta.headers(stored), 131072, "bucket", "nuid", 100, 1, "SHA-256=x", false),
				stored, intact);
	}

	private static String file(long txid) {
		return new ObjectNames(null).of(0, new Txid(txid), new Txid(txid));
	}

	private void requireNoLegacyBackup(@Nullable String path) throws Exception {
		this.objects.requireNoLegacyBackup(new ObjectNames(path), "nats://here/bucket");
	}

}
