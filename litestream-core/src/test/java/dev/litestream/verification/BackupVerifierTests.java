package dev.litestream.verification;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

import dev.litestream.DatabaseOptions;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.threads.Workers;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A verification's limits: disk, speed, and a compaction that is faster.
 */
@Timeout(60)
class BackupVerifierTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	@TempDir
	Path directory;

	private final Workers workers = new Workers();

	private final VerificationThread thread = new VerificationThread();

	private ReplicaClient client;

	private DatabaseOptions options;

	private Replicator replicator;

	private Connection connection;

	@BeforeEach
	void start() throws Exception {
		Path path = this.directory.resolve("app.db");
		this.client = new FileReplicaClient(this.directory.resolve("replica"));
		this.connection = DriverManager.getConnection("jdbc:sqlite:" + path);
		this.options = DatabaseOptions.of(path).verificationBytesPerSecond(50_000).build();
		this.replicator = new Replicator(this.options, this.client, (event) -> {
		}, this.workers, Runnable::run, Clock.systemUTC());
		this.replicator.prepare(this.connection);
		this.replicator.start();
		commit();
	}

	private void commit() throws Exception {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("CREATE TABLE IF NOT EXISTS t(v)");
			statement.execute("INSERT INTO t VALUES(randomblob(20000))");
		}
		assertThat(this.replicator.sync(LONG)).isTrue();
	}

	@AfterEach
	void stop() throws Exception {
		this.thread.close();
		this.replicator.stop(LONG);
		this.connection.close();
		this.replicator.close(Duration.ofSeconds(5));
		this.workers.close();
		this.client.close();
	}

	private VerificationResult verify(ReplicaClient client, RestoreTarget target, long usableSpace) throws Exception {
		VerificationResult result = verifier(client, usableSpace).verify(target);
		assertThat(this.options.metaPath().resolve("verification")).doesNotExist();
		return result;
	}

	/** As a process that has just started knows it. */
	private BackupVerifier verifier(ReplicaClient client, long usableSpace) {
		return new BackupVerifier(this.options, this.replicator, client, (event) -> {
		}, this.thread, Clock.systemUTC(), new DrillDirectory(this.options.metaPath(), (path) -> usableSpace));
	}

	@Test
	void diskThatIsTooFullForACopyIsLeftAlone() throws Exception {
		long needed = this.replicator.status().counters().databaseBytes();
		needed += needed / 5;
		for (RestoreTarget target : List.of(RestoreTarget.LATEST,
				RestoreTarget.of(this.replicator.status().replicatedTxid()))) {
			VerificationResult result = verify(this.client, target, needed - 1);
			assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.SKIPPED);
			assertThat(result.detail()).contains("has " + (needed - 1) + " bytes left")
				.contains("needs " + needed)
				.contains("meta-path");
			assertThat(verify(this.client, target, 1 << 21).outcome()).isEqualTo(VerificationOutcome.VERIFIED);
		}
	}

	@Test
	void replicaIsReadNoFasterThanAllowed() throws Exception {
		long start = System.nanoTime();
		VerificationResult result = verify(this.client, RestoreTarget.LATEST, Long.MAX_VALUE);
		assertThat(result.outcome()).isEqualTo(VerificationOutcome.VERIFIED);
		// 20000 bytes that cannot be compressed, less what may come at once
		assertThat(System.nanoTime() - start).isGreaterThan(Duration.ofMillis(20_000 / 50 - 60).toNanos());
	}

	@Test
	void positionsThatAreCompactedAwayAreTriedAgainThenOnlyChecked() throws Exception {
		Compacting compacting = new Compacting(3);
		VerificationResult result = verify(compacting, RestoreTarget.LATEST, Long.MAX_VALUE);
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
		assertThat(result.compared()).isFalse();
		assertThat(result.detail()).contains("could not be compared");
		assertThat(result.txid()).isEqualTo(this.replicator.status().replicatedTxid());
	}

	@Test
	void positionThatIsCompactedAwayOnceIsFollowedByTheNext() throws Exception {
		VerificationResult result = verify(new Compacting(1), RestoreTarget.LATEST, Long.MAX_VALUE);
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
		assertThat(result.compared()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void replacementThatWasNotPossibleIsTriedAgain(boolean restarted) throws Exception {
		Rotten rotten = new Rotten();
		rotten.reading = () -> this.replicator.stop(LONG);
		BackupVerifier verifier = verifier(rotten, Long.MAX_VALUE);
		assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.FAILED);
		assertThat(snapshots()).as("it was being stopped").isZero();
		rotten.reading = () -> {
		};
		this.replicator.start();
		assertThat(this.replicator.sync(LONG)).isTrue();
		BackupVerifier next = restarted ? verifier(rotten, Long.MAX_VALUE) : verifier;
		assertThat(next.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.FAILED);
		assertThat(this.replicator.sync(LONG)).isTrue();
		assertThat(snapshots()).isEqualTo(1);
	}

	@Test
	void replacementThatDidNotHelpIsSentAgainOnlyAfterASuccess() throws Exception {
		Rotten rotten = new Rotten();
		BackupVerifier verifier = verifier(rotten, Long.MAX_VALUE);
		for (int i = 0; i < 3; i++) {
			assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.FAILED);
			commit();
			assertThat(snapshots()).isEqualTo(1);
		}
		// The next process knows that it has arrived.
		verifier = verifier(rotten, Long.MAX_VALUE);
		verifier.start();
		assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.FAILED);
		commit();
		assertThat(snapshots()).isEqualTo(1);
		rotten.sound = true;
		assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.VERIFIED);
		rotten.sound = false;
		assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.FAILED);
		commit();
		assertThat(snapshots()).isEqualTo(2);
		verifier.stop();
	}

	/** Descriptors, memory, a disk: whatever fails here says nothing of the backup. */
	@Test
	void failureThatIsNotTheBackupsProvesNothingAndSendsNothing() throws Exception {
		Rotten failing = new Rotten();
		failing.failure = () -> new FileNotFoundException("app.db (Too many open files)");
		BackupVerifier verifier = verifier(failing, Long.MAX_VALUE);
		VerificationResult result = verifier.verify(RestoreTarget.LATEST);
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.SKIPPED);
		assertThat(verifier.status().failure()).isNull();
		commit();
		assertThat(snapshots()).isZero();
		failing.failure = null;
		failing.sound = true;
		assertThat(verifier.verify(RestoreTarget.LATEST).outcome()).isEqualTo(VerificationOutcome.VERIFIED);
	}

	private int snapshots() throws Exception {
		return this.client.list(ReplicaClient.SNAPSHOT_LEVEL).files().size();
	}

	@Test
	void replicaIsOnlyReadFrom() {
		ReplicaClient throttled = new ThrottledReplica(this.client, new Throttle(1000));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> throttled.delete(List.of()));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(
				() -> throttled.write(0, Txid.FIRST, Txid.FIRST, Instant.now(), new ByteArrayInputStream(new byte[0])));
		throttled.close();
		assertThat(this.replicator.status().lastError()).isNull();
	}

	@Test
	void journalKeepsEveryResult() {
		Instant at = Instant.parse("2026-03-04T05:06:07.008Z");
		VerificationResult good = new VerificationResult(VerificationOutcome.VERIFIED, true, new Txid(31), at, true,
				at.plusSeconds(5), Duration.ofMillis(1234), "Good: = \n ü");
		VerificationResult bad = new VerificationResult(VerificationOutcome.FAILED, false, null, null, false, at,
				Duration.ZERO, "Bad");
		VerificationStatus status = VerificationStatus.NONE.and(good).and(bad);
		VerificationJournal journal = new VerificationJournal(this.directory.resolve("new"));
		assertThat(journal.read()).isEqualTo(VerificationStatus.NONE);
		journal.write(status, Replacement.State.OWED);
		VerificationStatus read = journal.read();
		assertThat(read.last()).isEqualTo(bad);
		assertThat(read.failure()).isEqualTo(bad);
		assertThat(read.lastVerified()).isEqualTo(good);
		assertThat(journal.replacement()).isEqualTo(Replacement.State.OWED);
	}

	@Test
	void journalThatCannotBeReadIsNone() throws Exception {
		Files.writeString(this.directory.resolve("verified"), "last.outcome=WHATEVER");
		assertThat(new VerificationJournal(this.directory).read()).isEqualTo(VerificationStatus.NONE);
	}

	@Test
	void goodOlderPointDoesNotAnswerAFailureOfTheNewest() {
		VerificationStatus status = VerificationStatus.NONE.and(result(VerificationOutcome.FAILED, true));
		assertThat(status.and(result(VerificationOutcome.VERIFIED, false)).failure()).isNotNull();
		assertThat(status.and(result(VerificationOutcome.SKIPPED, true)).failure()).isNotNull();
		assertThat(status.and(result(VerificationOutcome.VERIFIED, true)).failure()).isNull();
		VerificationStatus older = VerificationStatus.NONE.and(result(VerificationOutcome.FAILED, false));
		assertThat(older.and(result(VerificationOutcome.VERIFIED, true)).failure()).isNotNull();
		assertThat(older.and(result(VerificationOutcome.VERIFIED, false)).failure()).isNull();
	}

	private static VerificationResult result(VerificationOutcome outcome, boolean newest) {
		return new VerificationResult(outcome, newest, new Txid(3), null, false, Instant.now(), Duration.ZERO, "");
	}

	/** A replica whose files do not restore, whatever they hold. */
	private final class Rotten extends FilterReplicaClient {

		private Runnable reading = () -> {
		};

		private boolean sound;

		private @Nullable Supplier<IOException> failure;

		Rotten() {
			super(BackupVerifierTests.this.client);
		}

		@Override
		public InputStream read(LtxFileInfo file) throws IOException {
			this.reading.run();
			if (this.failure != null) {
				throw this.failure.get();
			}
			return this.sound ? super.read(file) : new ByteArrayInputStream(new byte[(int) file.size()]);
		}

		@Override
		public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
			this.reading.run();
			if (this.failure != null) {
				throw this.failure.get();
			}
			return this.sound ? super.read(file, offset, length) : new ByteArrayInputStream(new byte[(int) length]);
		}

		@Override
		public void close() {
			// the other one is closed
		}

	}

	/**
	 * A replica in which another commit and a compaction come between a position and its
	 * restore, as many times as asked: it lists one file that ends behind the position.
	 */
	private final class Compacting extends FilterReplicaClient {

		private int times;

		private List<LtxListing> listings = List.of();

		Compacting(int times) {
			super(BackupVerifierTests.this.client);
			this.times = times;
		}

		@Override
		public LtxListing list(int level) throws IOException {
			return listAll().get(level);
		}

		@Override
		public List<LtxListing> listAll() throws IOException {
			if (this.times > 0) {
				this.times--;
				try {
					commit();
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				List<LtxListing> all = new ArrayList<>();
				for (int level = 0; level < LEVELS; level++) {
					all.add(new LtxListing((level == SNAPSHOT_LEVEL) ? List.of(snapshot()) : List.of()));
				}
				this.listings = all;
				return all;
			}
			return (this.listings.isEmpty() || BackupVerifierTests.this.replicator.status()
				.replicatedTxid()
				.isAfter(this.listings.get(SNAPSHOT_LEVEL).maxTxid())) ? this.client.listAll() : this.listings;
		}

		private LtxFileInfo snapshot() throws IOException {
			Path copy = BackupVerifierTests.this.directory.resolve("snapshot-" + this.times);
			RestoreResult restored = new Restorer().restore(this.client, RestoreOptions.latest(copy), null);
			byte[] image = Files.readAllBytes(copy);
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			LtxWriter writer = new LtxWriter(out,
					new LtxHeader(LtxFormat.NO_CHECKSUM, restored.pageSize(), restored.pages(), Txid.FIRST,
							restored.txid(), restored.timestamp().toEpochMilli(), 0, 0, 0, 0, 0, 0));
			for (int pgno = 1; pgno <= restored.pages(); pgno++) {
				writer.writePage(pgno, image, (pgno - 1) * restored.pageSize());
			}
			writer.finish();
			LtxReader.verify(new ByteArrayInputStream(out.toByteArray()), "snapshot");
			return this.client.write(SNAPSHOT_LEVEL, Txid.FIRST, restored.txid(), restored.timestamp(),
					new ByteArrayInputStream(out.toByteArray()));
		}

		@Override
		public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void delete(Collection<LtxFileInfo> files) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void close() {
			// the other one is closed
		}

	}

}
