package dev.litestream.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Replicas that change, fail or fall silent during a restore, and restores that are
 * interrupted.
 */
@Timeout(120)
class RestoreRetryTests extends RestoreFixture {

	@Test
	@Hazard("D2")
	void filesDeletedMeanwhileAreReplacedByTheirCompaction() throws Exception {
		work(4096, 20);
		AtomicInteger reads = new AtomicInteger();
		ReplicaClient retaining = new InterceptedClient(this.client, (file) -> {
			// Several files are read at a time: none of the others meanwhile.
			synchronized (reads) {
				if (reads.incrementAndGet() == 3) {
					this.history.write(1, 1, 18);
					this.client.delete(this.client.list(0).files().subList(0, 18));
				}
			}
		});
		RestoreResult result = new Restorer().restore(retaining, RestoreOptions.latest(this.output), null);
		assertThat(result.files()).isEqualTo(3);
		assertThat(this.output).hasBinaryContent(this.history.image(20));
	}

	@Test
	@Hazard("S8")
	void aFileThatIsListedButMissingCountsAsAbsent() throws Exception {
		work(4096, 10);
		LtxFileInfo phantom = this.history.snapshot();
		ReplicaClient client = new InterceptedClient(this.client, (file) -> {
			if (file.equals(phantom)) {
				throw new NoSuchFileException(file.fileName());
			}
		});
		RestoreResult result = new Restorer().restore(client, RestoreOptions.latest(this.output), null);
		assertThat(result.files()).isEqualTo(10);
		assertThat(this.output).hasBinaryContent(this.history.image(10));
	}

	@Test
	void newPlansComeToAnEnd() throws Exception {
		work(4096, 10);
		for (int i = 2; i <= 10; i++) {
			this.history.write(9, 1, i);
		}
		AtomicInteger plans = new AtomicInteger();
		ReplicaClient client = new InterceptedClient(this.client, (file) -> {
			if (file.minTxid().equals(Txid.FIRST)) {
				plans.incrementAndGet();
				throw new NoSuchFileException(file.fileName());
			}
		});
		assertThatExceptionOfType(NoSuchFileException.class)
			.isThrownBy(() -> new Restorer().restore(client, RestoreOptions.latest(this.output), null));
		assertThat(plans).hasValue(4);
		assertThat(entries()).isEmpty();
	}

	@Test
	void aReadThatFailsForTheMomentIsTriedAgain() throws Exception {
		work(4096, 10);
		AtomicInteger reads = new AtomicInteger();
		ReplicaClient flaky = new InterceptedClient(this.client, (file) -> {
			if (reads.incrementAndGet() % 3 == 0) {
				throw new ReplicaUnavailableException("away for a moment");
			}
		});
		assertThat(new Restorer().restore(flaky, RestoreOptions.latest(this.output), null).files()).isEqualTo(10);
		assertThat(this.output).hasBinaryContent(this.history.image(10));
	}

	@Test
	void aReplicaThatStaysAwayFailsTheRestore() throws Exception {
		work(4096, 2);
		ReplicaClient away = new InterceptedClient(this.client, (file) -> {
			throw new ReplicaUnavailableException("still away");
		});
		assertThatExceptionOfType(ReplicaUnavailableException.class)
			.isThrownBy(() -> new Restorer().restore(away, RestoreOptions.latest(this.output), null))
			.withMessage("still away");
		assertThat(entries()).isEmpty();
	}

	@Test
	void anInterruptEndsTheRestoreCleanly() throws Exception {
		work(4096, 10);
		CountDownLatch reading = new CountDownLatch(1);
		ReplicaClient stuck = new InterceptedClient(this.client, (file) -> {
			reading.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				throw new InterruptedIOException();
			}
		});
		AtomicReference<Object> outcome = new AtomicReference<>();
		Thread thread = new Thread(() -> {
			try {
				outcome.set(new Restorer().restore(stuck, RestoreOptions.latest(this.output), null));
			}
			catch (IOException ex) {
				outcome.set(List.of(ex.getClass(), Thread.currentThread().isInterrupted()));
			}
		});
		thread.start();
		assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
		thread.interrupt();
		thread.join(30_000);
		assertThat(outcome.get()).isEqualTo(List.of(InterruptedIOException.class, true));
		assertThat(entries()).isEmpty();
	}

	@Test
	void anInterruptWhileWritingEndsTheRestoreCleanly() throws Exception {
		this.history.add(bigImage(5000));
		assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false),
				(pgno, page, pageSize) -> Thread.currentThread().interrupt()));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E2")
	void aLargeFileWhoseStreamBreaksIsReadAgain() throws Exception {
		this.history.add(bigImage(5000));
		AtomicInteger reads = new AtomicInteger();
		ReplicaClient client = new InterceptedClient(this.client, (file) -> {
			if (reads.incrementAndGet() == 1) {
				throw new ReplicaUnavailableException("away for a moment");
			}
		});
		new Restorer().restore(client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
		assertThat(reads).hasValue(2);
		assertThat(this.output).hasBinaryContent(this.history.image(1));
		assertThat(entries()).containsExactly("app.db");
	}

}
