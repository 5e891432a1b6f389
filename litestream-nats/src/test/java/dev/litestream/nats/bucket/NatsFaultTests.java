package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaOptions;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.connection.Json;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Hazard;
import dev.litestream.test.NatsServer;
import io.nats.client.Statistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A server that stops, stalls, restarts or refuses, and connections that break.
 */
@Timeout(180)
class NatsFaultTests {

	private static final Instant TIMESTAMP = Instant.parse("2026-11-21T00:16:32.2Z");

	private static final String BUCKET = "faults";

	private final NatsServer server = NatsServer.start();

	private final List<AutoCloseable> closeables = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		this.server.resume();
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
		this.server.close();
	}

	private static NatsReplicaOptions options(String url) {
		return NatsReplicaUrl.parse(url)
			.toOptions()
			.requestTimeout(Duration.ofMillis(700))
			.connectionTimeout(Duration.ofSeconds(5))
			.reconnectWait(Duration.ofMillis(100))
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build();
	}

	private NatsReplicaClient client(String url) {
		NatsReplicaClient client = new NatsReplicaClient(options(url));
		this.closeables.add(client);
		return client;
	}

	private NatsReplicaClient client() throws IOException {
		NatsReplicaClient client = client(this.server.url(BUCKET));
		client.open();
		return client;
	}

	private FaultyProxy proxy() throws IOException {
		FaultyProxy proxy = new FaultyProxy(this.server.port());
		this.closeables.add(proxy);
		return proxy;
	}

	private RawBucket raw() throws Exception {
		RawBucket raw = new RawBucket(this.server.url(), BUCKET);
		this.closeables.add(raw);
		return raw;
	}

	@Test
	@Hazard("S4")
	void aPullThatTheServerDoesNotKnowIsNotWaitedFor() throws Exception {
		NatsReplicaClient writer = client(this.server.url(BUCKET));
		writer.open();
		LtxFileInfo first = write(writer, 1, new byte[10]);
		LtxFileInfo second = write(writer, 2, new byte[10]);
		FaultyProxy proxy = proxy();
		NatsReplicaClient client = client(proxy.url(BUCKET));
		client.open();
		proxy.when("CONSUMER.MSG.NEXT", FaultyProxy.Fault.DROP);
		assertThat(client.list(0).files()).containsExactly(first, second);
		assertThat(proxy.hasHappened()).isTrue();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "DROP")
	@Hazard("S8")
	void metadataWithoutAcknowledgementIsNeitherLostNorStoredTwice(FaultyProxy.Fault fault) throws Exception {
		FaultyProxy proxy = proxy();
		for (int size : new int[] { 1000, 300_000 }) {
			NatsReplicaClient client = client(proxy.url(BUCKET));
			client.open();
			proxy.when(".M.", fault);
			LtxFileInfo file = new LtxFileInfo(0, Txid.FIRST, Txid.FIRST, size, TIMESTAMP);
			try {
				assertThat(write(client, 1, bytes(size))).isEqualTo(file);
			}
			catch (ReplicaUnavailableException ex) {
				// unknown: writing the same again settles it
				NatsReplicaClient again = client();
				assertThat(write(again, 1, bytes(size))).isEqualTo(file);
			}
			assertThat(proxy.hasHappened()).isTrue();
			NatsReplicaClient direct = client();
			assertThat(direct.list(0).files()).containsExactly(file);
			assertThat(read(direct, file)).isEqualTo(bytes(size));
			direct.delete(List.of(file));
			client.close();
		}
	}

	/** The metadata of a small file was sent with its chunk: {@link ChainedPut}. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "DROP")
	@Hazard("S6")
	void aSmallFileWithoutAcknowledgementIsWholeOrNotThere(FaultyProxy.Fault fault) throws Exception {
		FaultyProxy proxy = proxy();
		NatsReplicaClient client = client(proxy.url(BUCKET));
		client.open();
		proxy.when(".C.", fault);
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> write(client, 1, bytes(1000)));
		assertThat(proxy.hasHappened()).isTrue();
		NatsReplicaClient direct = client();
		for (LtxFileInfo file : direct.list(0)) {
			assertThat(fault).isNotEqualTo(FaultyProxy.Fault.SWALLOW);
			assertThat(read(direct, file)).isEqualTo(bytes(1000));
		}
		LtxFileInfo file = write(direct, 1, bytes(1000));
		assertThat(direct.list(0).files()).containsExactly(file);
		assertThat(read(direct, file)).isEqualTo(bytes(1000));
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "DROP")
	@Hazard("S6")
	void aChunkWithoutAcknowledgementFailsThePutAndShowsNothing(FaultyProxy.Fault fault) throws Exception {
		FaultyProxy proxy = proxy();
		NatsReplicaClient client = client(proxy.url(BUCKET));
		client.open();
		proxy.when(".C.", fault);
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> write(client, 1, bytes(300_000)));
		assertThat(proxy.hasHappened()).isTrue();
		NatsReplicaClient direct = client();
		assertThat(direct.list(0).isEmpty()).isTrue();
		LtxFileInfo file = write(direct, 1, bytes(300_001));
		assertThat(read(direct, file)).isEqualTo(bytes(300_001));
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "DROP")
	@Hazard("S4")
	void aListingThatBreaksOffIsAnException(FaultyProxy.Fault fault) throws Exception {
		NatsReplicaClient direct = client();
		for (int i = 1; i <= 200; i++) {
			write(direct, i, bytes(10));
		}
		FaultyProxy proxy = proxy();
		for (String request : List.of("STREAM.INFO", "CONSUMER.CREATE", "CONSUMER.MSG.NEXT")) {
			NatsReplicaClient client = client(proxy.url(BUCKET));
			client.open();
			proxy.when(request, fault);
			assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> client.list(0));
			assertThat(proxy.hasHappened()).isTrue();
			client.close();
		}
		NatsReplicaClient client = client(proxy.url(BUCKET));
		assertThat(client.list(0).files()).hasSize(200);
	}

	@Test
	@Hazard("S4")
	void aListingOfAPausedServerIsAnException() throws Exception {
		NatsReplicaClient client = client();
		write(client, 1, bytes(10));
		this.server.pause();
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> client.list(0));
		this.server.resume();
		await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.untilAsserted(() -> assertThat(client.list(0).files()).hasSize(1));
	}

	@Test
	@Hazard("S8")
	void putsIntoAServerThatIsPausedAgainAndAgainEndRight() throws Exception {
		NatsReplicaClient client = client();
		AtomicInteger attempts = new AtomicInteger();
		CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
			for (int i = 1; i <= 3000; i++) {
				writeUntilDone(client, i, attempts);
			}
		});
		Random random = new Random(17);
		while (!writer.isDone()) {
			int before = attempts.get();
			await().until(() -> writer.isDone() || attempts.get() > before + 50 + random.nextInt(300));
			this.server.pause();
			// until the writer has felt it
			long stalled = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300 + random.nextInt(1500));
			await().pollInterval(Duration.ofMillis(20)).until(() -> System.nanoTime() > stalled);
			this.server.resume();
		}
		writer.join();
		assertComplete(client, 3000);
	}

	@Test
	@Hazard("S6")
	@Hazard("S8")
	void putsWhileTheServerRestartsFailCleanlyAndSucceedLater() throws Exception {
		NatsReplicaClient client = client();
		AtomicInteger attempts = new AtomicInteger();
		AtomicInteger written = new AtomicInteger();
		AtomicBoolean enough = new AtomicBoolean();
		CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
			while (!enough.get() || written.get() < 500) {
				writeUntilDone(client, written.get() + 1, attempts);
				written.incrementAndGet();
			}
		});
		// a restart between two puts, or before an acknowledgement, makes none fail
		for (int restart = 0; restart < 3
				|| (attempts.get() <= written.get() + 1 && restart < 30 && !writer.isDone()); restart++) {
			int before = written.get();
			await().until(() -> writer.isDone() || written.get() > before + 100);
			if (restart == 1) {
				this.server.kill();
			}
			this.server.restart();
		}
		enough.set(true);
		writer.join();
		assertThat(attempts.get()).as("some attempts failed").isGreaterThan(written.get());
		assertComplete(client, written.get());
	}

	@Test
	@Hazard("S6")
	void whatIsRefusedWhileDisconnectedTakesNoMemory() throws Exception {
		NatsReplicaClient client = client();
		SharedConnection connection = SharedConnection.acquire(options(this.server.url(BUCKET)).connection());
		this.closeables.add(connection::release);
		Statistics statistics = connection.connect().connection().getStatistics();
		this.server.stop();
		await().untilAsserted(
				() -> assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> client.list(0))
					.withMessageContaining("no connection"));
		for (int i = 1; i <= 500; i++) {
			int txid = i;
			assertThatExceptionOfType(ReplicaUnavailableException.class)
				.isThrownBy(() -> write(client, txid, bytes(10)));
		}
		assertThat(statistics.getOutstandingRequests()).as("requests that are waited for").isLessThan(10);
	}

	@Test
	@Hazard("S6")
	void nothingIsSentLaterThatWasRefusedWhileDisconnected() throws Exception {
		NatsReplicaClient client = client();
		write(client, 1, bytes(10));
		this.server.stop();
		await().untilAsserted(
				() -> assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> client.list(0))
					.withMessageContaining("no connection"));
		for (int i = 2; i <= 20; i++) {
			int txid = i;
			assertThatExceptionOfType(ReplicaUnavailableException.class)
				.isThrownBy(() -> write(client, txid, bytes(10)));
		}
		this.server.restart();
		await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.untilAsserted(() -> assertThat(client.list(0).files()).hasSize(1));
		assertThat(raw().state().getLastSequence()).as("last message ever stored").isEqualTo(2);
	}

	@Test
	@Hazard("N2")
	@Hazard("N5")
	void aReadGoesOnAfterTheServerRestarted() throws Exception {
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(this.server.url(BUCKET))
			.toOptions()
			.reconnectWait(Duration.ofMillis(100))
			.bucketOptions(NatsBucketOptions.DEFAULTS.creating())
			.build());
		this.closeables.add(client);
		byte[] content = bytes(30_000_000);
		LtxFileInfo file = write(client, 1, content);
		try (InputStream in = client.read(file)) {
			byte[] start = in.readNBytes(7_000_000);
			this.server.restart();
			byte[] rest = in.readAllBytes();
			assertThat(start.length + rest.length).isEqualTo(content.length);
			assertThat(java.util.Arrays.equals(rest, 0, rest.length, content, start.length, content.length)).isTrue();
		}
	}

	@Test
	@Hazard("N2")
	void aReadOfAServerThatStaysAwayEnds() throws Exception {
		NatsReplicaClient client = client();
		LtxFileInfo file = write(client, 1, bytes(30_000_000));
		try (InputStream in = client.read(file)) {
			in.readNBytes(1000);
			this.server.stop();
			assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(in::readAllBytes);
		}
	}

	@Test
	@Hazard("N6")
	void aServerThatIsDownAtFirstIsFoundLater() throws Exception {
		this.server.stop();
		NatsReplicaClient client = client(this.server.url(BUCKET));
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(client::open)
				.withMessageContaining("No NATS server can be reached at nats://127.0.0.1:" + this.server.port());
		}
		this.server.restart();
		client.open();
		assertThat(client.list(0).isEmpty()).isTrue();
	}

	@Test
	void aWrongPasswordIsRefusedAndNotShown() {
		try (NatsServer guarded = NatsServer.builder().config("authorization { user: app, password: right }").start()) {
			String url = guarded.url(BUCKET).replace("//", "//app:wr0ng-s3cret@");
			NatsReplicaClient client = client(url);
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::open).satisfies((ex) -> {
				for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
					assertThat(cause.toString()).doesNotContain("s3cret");
				}
				assertThat(ex).hasMessageContaining("litestream.replica.username and litestream.replica.password");
			});
			assertThat(client.toString() + client.location()).doesNotContain("s3cret").doesNotContain("app:");
		}
	}

	@Test
	void anAccountWithoutJetStreamIsRefused() {
		try (NatsServer plain = NatsServer.builder()
			.config("accounts { A: { users: [ { user: app, password: right } ] } }")
			.start()) {
			NatsReplicaClient client = client(plain.url(BUCKET).replace("//", "//app:right@"));
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(client::open)
				.withMessageContaining("JetStream is not enabled");
		}
	}

	@Test
	void aServerThatIsRestartedWithoutJetStreamIsNamed() throws Exception {
		NatsReplicaClient client = client();
		write(client, 1, bytes(10));
		this.server.restart("jetstream: false");
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThatExceptionOfType(ReplicaUnavailableException.class)
				.isThrownBy(() -> write(client, 2, bytes(10)))
				.withMessageContaining("the server runs without it now")
				.withMessageContaining("-js"));
		this.server.restart("");
		await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> write(client, 2, bytes(10)).size() == 10);
	}

	@Test
	@Hazard("N9")
	void aMissingPermissionIsNamed() throws Exception {
		try (NatsServer guarded = NatsServer.builder().config("""
				authorization { users: [ { user: app, password: right, permissions: {
				  publish: { deny: [ "$O.*.M.>" ] } } } ] }
				""").start()) {
			NatsReplicaClient client = client(guarded.url(BUCKET).replace("//", "//app:right@"));
			assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> write(client, 1, bytes(10)))
				.withMessageContaining("does not permit")
				.withMessageContaining("$O." + BUCKET + ".M.");
			assertThat(client.list(0).isEmpty()).isTrue();
		}
	}

	@Test
	@Hazard("S17")
	void chunksFitAServerThatTakesSmallMessages() throws Exception {
		try (NatsServer small = NatsServer.builder().config("max_payload: 16384").start()) {
			NatsReplicaClient client = client(small.url(BUCKET));
			LtxFileInfo file = write(client, 1, bytes(200_000));
			assertThat(read(client, file)).isEqualTo(bytes(200_000));
		}
	}

	@Test
	@Hazard("N14")
	void replicasOnTheSameServersShareAConnection() throws Exception {
		try (NatsServer monitored = NatsServer.builder().monitor().start()) {
			NatsReplicaClient first = client(monitored.url(BUCKET));
			NatsReplicaClient second = client(monitored.url("other"));
			first.open();
			second.open();
			assertThat(connections(monitored)).isOne();
			first.close();
			first.close();
			write(second, 1, bytes(10));
			assertThat(connections(monitored)).isOne();
			second.close();
			await().until(() -> connections(monitored) == 0);
			NatsReplicaClient third = client(monitored.url(BUCKET));
			write(third, 1, bytes(10));
			assertThat(connections(monitored)).isOne();
		}
	}

	@Test
	@Hazard("N14")
	void aCallThatOutlivesItsClientOpensNoConnection() throws Exception {
		try (NatsServer monitored = NatsServer.builder().monitor().start()) {
			NatsReplicaClient client = client(monitored.url(BUCKET));
			LtxFileInfo file = write(client, 1, bytes(30_000_000));
			try (InputStream in = client.read(file)) {
				in.readNBytes(1000);
				client.close();
				assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(in::readAllBytes);
			}
			await().until(() -> connections(monitored) == 0);
		}
	}

	private static int connections(NatsServer server) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/connz")).build();
		byte[] answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray()).body();
		return (int) Json.number(Json.parse(answer), "num_connections");
	}

	@Test
	void anInterruptedCallEndsAtOnceAndKeepsTheInterrupt() throws Exception {
		NatsReplicaClient client = client();
		LtxFileInfo file = write(client, 1, bytes(3_000_000));
		this.server.pause();
		List<Call> calls = List.of(() -> client.list(0), () -> read(client, file), () -> write(client, 2, bytes(10)),
				() -> client.delete(List.of(file)));
		for (Call call : calls) {
			CountDownLatch started = new CountDownLatch(1);
			CompletableFuture<String> outcome = new CompletableFuture<>();
			Thread thread = new Thread(() -> {
				started.countDown();
				try {
					call.run();
					outcome.complete("no exception");
				}
				catch (InterruptedIOException ex) {
					outcome.complete("interrupted, flag " + Thread.currentThread().isInterrupted());
				}
				catch (Exception ex) {
					outcome.complete(ex.toString());
				}
			});
			thread.start();
			started.await();
			thread.interrupt();
			assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo("interrupted, flag true");
		}
		this.server.resume();
		await().ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.untilAsserted(() -> assertThat(read(client, write(client, 3, bytes(30)))).isEqualTo(bytes(30)));
	}

	private void assertComplete(NatsReplicaClient client, int count) throws Exception {
		List<LtxFileInfo> files = client.list(0).files();
		assertThat(files).hasSize(count);
		for (LtxFileInfo file : files) {
			assertThat(read(client, file)).isEqualTo(bytes((int) file.minTxid().value()));
		}
		assertThat(raw().subjects().keySet().stream().filter((subject) -> subject.startsWith("M."))).hasSize(count);
	}

	private static void writeUntilDone(NatsReplicaClient client, int txid, AtomicInteger attempts) {
		while (true) {
			attempts.incrementAndGet();
			try {
				write(client, txid, bytes(txid));
				return;
			}
			catch (LtxConflictException ex) {
				throw new IllegalStateException(ex);
			}
			catch (ReplicaUnavailableException ex) {
				// as a replicator does: the same again
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private static LtxFileInfo write(NatsReplicaClient client, long txid, byte[] content) throws IOException {
		return client.write(0, new Txid(txid), new Txid(txid), TIMESTAMP, new ByteArrayInputStream(content));
	}

	private static byte[] read(NatsReplicaClient client, LtxFileInfo file) throws IOException {
		try (InputStream in = client.read(file)) {
			return in.readAllBytes();
		}
	}

	private static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

	private interface Call {

		void run() throws Exception;

	}

}
