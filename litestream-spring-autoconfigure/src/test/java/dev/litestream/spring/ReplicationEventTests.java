package dev.litestream.spring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import javax.sql.DataSource;

import dev.litestream.DatabaseOptions;
import dev.litestream.Litestream;
import dev.litestream.LtxFile;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationEvent.BackupVerificationFailed;
import dev.litestream.ReplicationEvent.BackupVerified;
import dev.litestream.ReplicationEvent.DatabaseRegistered;
import dev.litestream.ReplicationEvent.DatabaseRestored;
import dev.litestream.ReplicationEvent.DatabaseResynced;
import dev.litestream.ReplicationEvent.DatabaseUnregistered;
import dev.litestream.ReplicationEvent.LagExceeded;
import dev.litestream.ReplicationEvent.LagRecovered;
import dev.litestream.ReplicationEvent.LevelCompacted;
import dev.litestream.ReplicationEvent.ReplicaBack;
import dev.litestream.ReplicationEvent.ReplicaLost;
import dev.litestream.ReplicationEvent.ReplicationStarted;
import dev.litestream.ReplicationEvent.SnapshotWritten;
import dev.litestream.ReplicationEvent;
import dev.litestream.ResyncReason;
import dev.litestream.SnapshotResult;
import dev.litestream.VerificationOutcome;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Events that a listener of the application gets, each from what it stands for.
 */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
class ReplicationEventTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private ApplicationContextRunner context;

	@BeforeEach
	void prepare() {
		this.notes = new NotesDatabase(this.directory);
		this.context = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + this.notes.url(), "litestream.dbs[0].name=notes")
			.withBean(Recorder.class);
	}

	@Test
	void serverThatStopsAndStarts() {
		this.notes.create(SCHEMA, "milk");
		try (NatsServer server = NatsServer.start()) {
			this.context
				.withPropertyValues("litestream.dbs[0].path=" + this.notes.path(),
						"litestream.dbs[0].replica.url=" + server.url("events"),
						"litestream.dbs[0].replica.bucket.create=true", "litestream.health.max-lag=300ms")
				.run((context) -> {
					Recorder recorder = context.getBean(Recorder.class);
					ReplicatedDatabase database = database(context.getBean(Litestream.class));
					assertThat(database.sync(LONG)).isTrue();
					assertThat(recorder.one(ReplicationStarted.class).database()).isEqualTo("notes");
					assertThat(recorder.one(DatabaseResynced.class).reason()).isEqualTo(ResyncReason.FIRST_SYNC);
					server.stop();
					NotesDatabase.insert(context.getBean(DataSource.class), "bread");
					assertThat(recorder.one(ReplicaLost.class).reason()).contains("127.0.0.1");
					LagExceeded exceeded = recorder.one(LagExceeded.class);
					assertThat(exceeded.maxLag()).isEqualTo(Duration.ofMillis(300));
					assertThat(exceeded.lag()).isGreaterThan(exceeded.maxLag());
					assertThat(recorder.of(ReplicaBack.class)).isEmpty();
					assertThat(recorder.of(LagRecovered.class)).isEmpty();
					server.restart();
					assertThat(database.sync(LONG)).isTrue();
					assertThat(recorder.one(ReplicaBack.class).database()).isEqualTo("notes");
					assertThat(recorder.one(LagRecovered.class).database()).isEqualTo("notes");
					assertThat(recorder.threads).containsOnly("litestream-events");
				});
		}
	}

	@Test
	void restoreOfTheStartIsToldOnceListenersAreThere() {
		this.notes.onlyInReplica(SCHEMA, "milk");
		this.context.withPropertyValues(this.notes.properties()).run((context) -> {
			DatabaseRestored restored = context.getBean(Recorder.class).one(DatabaseRestored.class);
			assertThat(restored.database()).isEqualTo("notes");
			assertThat(restored.result().path()).isEqualTo(this.notes.path());
			List<ReplicationEvent> events = context.getBean(Recorder.class).events;
			await().atMost(LONG).until(() -> events.size() > 1);
			assertThat(events.get(0)).isEqualTo(restored);
		});
	}

	@Test
	void databasesThatComeAndGo() {
		this.notes.create(SCHEMA, "milk");
		NotesDatabase guest = new NotesDatabase(this.directory, "guest");
		guest.create(SCHEMA, "bread");
		this.context.withPropertyValues(this.notes.properties()).run((context) -> {
			Recorder recorder = context.getBean(Recorder.class);
			LitestreamEngine engine = context.getBean(LitestreamEngine.class);
			ReplicatedDatabase database = engine.register(DatabaseOptions.of(guest.path()).name("guest").build(),
					new FileReplicaClient(guest.replica()));
			assertThat(recorder.one(DatabaseRegistered.class).source()).isSameAs(database);
			engine.unregister("guest", LONG);
			assertThat(recorder.one(DatabaseUnregistered.class).database()).isEqualTo("guest");
		});
	}

	@Test
	void verificationsSnapshotsAndCompactions() {
		this.notes.create(SCHEMA, "milk");
		this.context.withPropertyValues(this.notes.properties())
			.withPropertyValues("litestream.levels[0].interval=200ms", "litestream.levels[1].interval=1h",
					"litestream.dbs[0].sync-interval=100ms",
					// a multiple of 24 hours, midnight, may pass during the test
					"litestream.snapshot.interval=36500d")
			.run((context) -> {
				Recorder recorder = context.getBean(Recorder.class);
				ReplicatedDatabase database = database(context.getBean(Litestream.class));
				assertThat(database.sync(LONG)).isTrue();
				SnapshotResult snapshot = database.snapshot(LONG);
				assertThat(recorder.one(SnapshotWritten.class).file().maxTxid()).isEqualTo(snapshot.txid());
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
				assertThat(database.sync(LONG)).isTrue();
				await().atMost(LONG).until(() -> !recorder.of(LevelCompacted.class).isEmpty());
				assertThat(recorder.of(LevelCompacted.class)).extracting((event) -> event.file().level())
					.containsOnly(1);
				assertThat(database.verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
				assertThat(recorder.one(BackupVerified.class).result().compared()).isTrue();
				damage(database);
				assertThat(database.verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
				assertThat(recorder.one(BackupVerificationFailed.class).result().detail()).isNotBlank();
			});
	}

	/** Cuts all files of the replica short. */
	private void damage(ReplicatedDatabase database) throws Exception {
		assertThat(database.ltxFiles()).extracting(LtxFile::name).isNotEmpty();
		try (Stream<Path> files = Files.walk(this.notes.replica())) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".ltx")).toList()) {
				byte[] content = Files.readAllBytes(file);
				content[content.length / 2] ^= 1;
				Files.write(file, content);
			}
		}
	}

	@Test
	void listenersThatHangOrThrowHarmNothing(CapturedOutput output) {
		this.notes.create(SCHEMA, "milk");
		Obstacle obstacle = new Obstacle();
		this.context.withBean(Obstacle.class, () -> obstacle)
			.withPropertyValues(this.notes.properties())
			.run((context) -> {
				Recorder recorder = context.getBean(Recorder.class);
				ReplicatedDatabase database = database(context.getBean(Litestream.class));
				await().atMost(LONG).until(() -> obstacle.entered.getCount() == 0);
				for (int i = 0; i < 20; i++) {
					NotesDatabase.insert(context.getBean(DataSource.class), "note " + i);
					assertThat(database.sync(LONG)).isTrue();
				}
				assertThat(database.snapshot(LONG).txid()).isEqualTo(database.status().replicatedTxid());
				assertThat(database.verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
				assertThat(recorder.events).isEmpty();
				obstacle.leave.countDown();
				recorder.one(SnapshotWritten.class);
				recorder.one(BackupVerified.class);
				assertThat(recorder.of(ReplicationStarted.class)).as("what the listener before it threw at").isEmpty();
				assertThat(output).contains("A listener of ReplicationStarted[").contains("This listener is broken");
			});
		assertThat(this.notes.notesInReplica()).hasSize(21);
	}

	@Test
	void contextClosesAlthoughAListenerHangs() {
		this.notes.create(SCHEMA, "milk");
		Obstacle obstacle = new Obstacle();
		this.context.withBean(Obstacle.class, () -> obstacle)
			.withPropertyValues(this.notes.properties())
			.run((context) -> {
				await().atMost(LONG).until(() -> obstacle.entered.getCount() == 0);
				NotesDatabase.insert(context.getBean(DataSource.class), "bread");
			});
		assertThat(obstacle.interrupted.getCount()).isZero();
		assertThat(this.notes.notesInReplica()).containsExactly("milk", "bread");
	}

	@Test
	void eventsGoOnAfterARestart() {
		this.notes.create(SCHEMA, "milk");
		this.context.withPropertyValues(this.notes.properties()).run((context) -> {
			Recorder recorder = context.getBean(Recorder.class);
			recorder.one(ReplicationStarted.class);
			context.getSourceApplicationContext().stop();
			context.getSourceApplicationContext().start();
			await().atMost(LONG).until(() -> recorder.of(ReplicationStarted.class).size() == 2);
		});
	}

	private static ReplicatedDatabase database(Litestream litestream) {
		return litestream.databases().get(0);
	}

	static class Recorder {

		private final List<ReplicationEvent> events = new CopyOnWriteArrayList<>();

		private final List<String> threads = new CopyOnWriteArrayList<>();

		@EventListener
		void happened(ReplicationEvent event) {
			this.events.add(event);
			this.threads.add(Thread.currentThread().getName());
		}

		private <T extends ReplicationEvent> List<T> of(Class<T> type) {
			return this.events.stream().filter(type::isInstance).map(type::cast).toList();
		}

		/** The only event of a type, once it is there. */
		private <T extends ReplicationEvent> T one(Class<T> type) {
			await().atMost(LONG).until(() -> !of(type).isEmpty());
			assertThat(of(type)).hasSize(1);
			return of(type).get(0);
		}

	}

	/** Hangs, then throws, before any other listener. */
	static class Obstacle {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch leave = new CountDownLatch(1);

		private final CountDownLatch interrupted = new CountDownLatch(1);

		@EventListener
		@Order(0)
		void hang(ReplicationEvent event) {
			this.entered.countDown();
			try {
				this.leave.await();
			}
			catch (InterruptedException ex) {
				this.interrupted.countDown();
				Thread.currentThread().interrupt();
			}
			if (event instanceof ReplicationStarted) {
				throw new IllegalStateException("This listener is broken");
			}
		}

	}

}
