package dev.litestream.spool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.litestream.Txid;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The local directory of LTX files.
 */
class SpoolTests {

	@TempDir
	Path directory;

	@Test
	@Hazard("F10")
	void filesAreStoredWhileCheckpointsForceThem() throws Exception {
		Spool spool = new Spool(this.directory);
		spool.open();
		AtomicBoolean ended = new AtomicBoolean();
		FutureTask<Void> checkpoints = new FutureTask<>(() -> {
			while (!ended.get()) {
				spool.force();
			}
			return null;
		});
		new Thread(checkpoints).start();
		try {
			for (int i = 1; i <= 300; i++) {
				Spool.Draft draft = spool.draft(new Txid(i), new Txid(i));
				draft.write(new byte[5000]);
				spool.store(draft.publish(Instant.EPOCH, 0, null));
			}
		}
		finally {
			ended.set(true);
		}
		checkpoints.get();
		assertThat(spool.list()).hasSize(300);
	}

	@Test
	@Hazard("C7")
	void forcingAFileThatWasRemovedDoesNotCreateItAnew() throws Exception {
		Spool spool = new Spool(this.directory);
		spool.open();
		Spool.Draft draft = spool.draft(Txid.FIRST, Txid.FIRST);
		draft.write(new byte[5000]);
		SpoolFile file = draft.publish(Instant.EPOCH, 0, null);
		spool.store(file);
		Files.delete(file.path());
		spool.force();
		assertThat(spool.list()).isEmpty();
	}

	@Test
	void fileIsStoredAlthoughTheReplicaIsFaster() throws Exception {
		Spool spool = new Spool(this.directory);
		spool.open();
		Spool.Draft draft = spool.draft(Txid.FIRST, Txid.FIRST);
		draft.write(new byte[5000]);
		SpoolFile file = draft.publish(Instant.EPOCH, 0, null);
		FutureTask<Void> storing = new FutureTask<>(() -> {
			spool.store(file);
			return null;
		});
		Thread thread = new Thread(storing);
		synchronized (spool) {
			thread.start();
			await().until(() -> thread.getState() == Thread.State.BLOCKED);
			spool.acknowledged(file.maxTxid());
		}
		storing.get();
		assertThat(spool.list()).as("else page hashes are never brought forward past it").hasSize(1);
	}

}
