package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A server that is stopped (SIGSTOP) in the middle of an operation and goes on later:
 * operations end, in success or in an exception, and what they leave is right. The length
 * of the pause is the system property {@code pause.seconds}; from 10 on, time-outs are
 * the defaults.
 */
@Timeout(300)
class PausedServerTests {

	private static final int SECONDS = Integer.getInteger("pause.seconds", 2);

	private static final boolean DEFAULTS = SECONDS >= 10;

	private final NatsServer server = NatsServer.start();

	private final NatsReplicaClient client = client();

	@AfterEach
	void close() {
		this.client.close();
		this.server.close();
	}

	private NatsReplicaClient client() {
		NatsReplicaOptions.Builder options = NatsReplicaUrl.parse(this.server.url("paused"))
			.toOptions()
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating());
		if (!DEFAULTS) {
			options.requestTimeout(Duration.ofMillis(400)).connectionTimeout(Duration.ofSeconds(1));
		}
		return new NatsReplicaClient(options.build());
	}

	/**
	 * Runs an operation that pauses the server, or is sent to a paused one, and lets the
	 * server go on after the time.
	 * @return its result, or {@code null} if it failed as it may
	 */
	private <T> @Nullable T paused(TestInfo test, Callable<T> operation) throws Exception {
		long start = System.nanoTime();
		CompletableFuture<Void> goesOn = CompletableFuture.runAsync(this.server::resume,
				CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS));
		T result = null;
		String outcome = "succeeded";
		try {
			result = operation.call();
		}
		catch (ReplicaUnavailableException ex) {
			outcome = "failed (" + ex.getMessage() + ")";
		}
		System.out.printf(Locale.ROOT, "pause: %d s: %s %s after %d ms%n", SECONDS, test.getDisplayName(), outcome,
				Duration.ofNanos(System.nanoTime() - start).toMillis());
		goesOn.join();
		return result;
	}

	/** Pauses the server once so many bytes are read. */
	private InputStream pausing(byte[] content, int after) {
		return new FilterInputStream(new ByteArrayInputStream(content)) {

			private int count;

			@Override
			public int read(byte[] target, int offset, int length) throws IOException {
				int read = super.read(target, offset, length);
				this.count += Math.max(0, read);
				if (this.count >= after) {
					PausedServerTests.this.server.pause();
				}
				return read;
			}
		};
	}

	private LtxFileInfo write(long txid, InputStream content) throws IOException {
		return this.client.write(0, new Txid(txid), new Txid(txid), Instant.EPOCH, content);
	}

	private <T> T eventually(Callable<T> operation) {
		return await().atMost(Duration.ofSeconds(60))
			.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.until(operation, (result) -> true);
	}

	private void requireOnly(LtxFileInfo file, byte[] content) {
		assertThat(eventually(() -> this.client.list(0).files())).containsExactly(file);
		assertThat(eventually(() -> read(file))).isEqualTo(content);
	}

	private byte[] read(LtxFileInfo file) throws IOException {
		try (InputStream in = this.client.read(file)) {
			return in.readAllBytes();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1000, 400_000, 20_000_000 })
	@Hazard("S8")
	void aPutIsThereOnceOrIsPutAgain(int size, TestInfo test) throws Exception {
		byte[] content = bytes(size);
		this.client.open();
		LtxFileInfo written = paused(test, () -> write(1, pausing(content, size / 2)));
		if (written != null) {
			requireOnly(written, content);
		}
		// whatever became of it, the same again settles it
		requireOnly(eventually(() -> write(1, new ByteArrayInputStream(content))), content);
	}

	@Test
	@Hazard("S4")
	void aListingIsCompleteOrAnException(TestInfo test) throws Exception {
		for (int i = 1; i <= 300; i++) {
			write(i, new ByteArrayInputStream(bytes(i)));
		}
		this.server.pause();
		List<LtxFileInfo> files = paused(test, () -> this.client.list(0).files());
		if (files != null) {
			assertThat(files).hasSize(300);
		}
		assertThat(eventually(() -> this.client.list(0).files())).hasSize(300);
	}

	@Test
	@Hazard("S3")
	void aDeletionCanBeRepeatedAndLeavesNothing(TestInfo test) throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 100; i++) {
			files.add(write(i, new ByteArrayInputStream(bytes(i))));
		}
		LtxFileInfo kept = write(101, new ByteArrayInputStream(bytes(101)));
		this.server.pause();
		paused(test, () -> {
			this.client.delete(files);
			return true;
		});
		eventually(() -> {
			this.client.delete(files);
			return true;
		});
		requireOnly(kept, bytes(101));
		try (RawBucket raw = new RawBucket(this.server.url(), "paused")) {
			assertThat(raw.messages()).as("metadata and chunk of the file that was kept").isEqualTo(2);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1000, 30_000_000 })
	@Hazard("N2")
	void aReadIsWholeOrAnException(int size, TestInfo test) throws Exception {
		byte[] content = bytes(size);
		LtxFileInfo file = write(1, new ByteArrayInputStream(content));
		byte[] read = paused(test, () -> {
			if (size < 10_000) {
				this.server.pause();
				return read(file);
			}
			try (InputStream in = this.client.read(file)) {
				byte[] whole = java.util.Arrays.copyOf(in.readNBytes(1_000_000), size);
				this.server.pause();
				int count = in.readNBytes(whole, 1_000_000, size - 1_000_000);
				assertThat(count).isEqualTo(size - 1_000_000);
				return whole;
			}
		});
		if (read != null) {
			assertThat(read).isEqualTo(content);
		}
		requireOnly(file, content);
	}

	private static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

}
