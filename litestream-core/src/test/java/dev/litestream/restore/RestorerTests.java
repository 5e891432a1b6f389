package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.test.Oracle;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link Restorer} on a file replica and real databases.
 */
@Timeout(120)
class RestorerTests {

	@TempDir
	private Path temp;

	private Path output;

	private ReplicaClient client;

	private History history;

	@BeforeEach
	void openReplica() throws IOException {
		this.output = this.temp.resolve("restored/app.db");
		this.client = new FileReplicaClient(this.temp.resolve("replica"));
		this.client.open();
		this.history = new History(this.client, 4096, this.temp);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void everyPointIsRestoredToTheByte(int pageSize) throws Exception {
		this.history = new History(this.client, pageSize, this.temp);
		work(pageSize, 32);
		this.history.write(9, 1, 16);
		this.history.write(1, 1, 10);
		this.history.write(1, 11, 20);
		this.history.write(2, 1, 20);
		this.history.write(1, 21, 30);
		for (int txid = 1; txid <= this.history.last(); txid += 3) {
			Path path = this.temp.resolve("at-" + txid + ".db");
			RestoreResult result = restore(path, RestoreTarget.of(new Txid(txid)));
			assertThat(path).hasBinaryContent(this.history.image(txid));
			assertThat(result.txid()).isEqualTo(new Txid(txid));
			assertThat(result.timestamp()).isEqualTo(History.at(txid));
			assertThat(result.pages() * result.pageSize()).isEqualTo(Files.size(path));
		}
		assertThat(restore(this.output, RestoreTarget.LATEST).txid()).isEqualTo(new Txid(this.history.last()));
		assertThat(this.output).hasBinaryContent(this.history.image(this.history.last()));
		assertThat(Databases.integrity(this.output)).isEqualTo("ok");
	}

	@Test
	void anInstantIsRestored() throws Exception {
		work(4096, 20);
		this.history.snapshot();
		RestoreResult result = restore(this.output, RestoreTarget.before(History.at(13)));
		assertThat(result.txid()).isEqualTo(new Txid(12));
		assertThat(this.output).hasBinaryContent(this.history.image(12));
	}

	@Test
	void theResultTellsWhatWasDone() throws Exception {
		work(4096, 5);
		LtxFileInfo snapshot = this.history.snapshot();
		RestoreResult result = restore(this.output, RestoreTarget.LATEST);
		assertThat(result.path()).isEqualTo(this.output);
		assertThat(result.files()).isEqualTo(1);
		assertThat(result.bytesRead()).isEqualTo(snapshot.size());
		assertThat(result.pageSize()).isEqualTo(4096);
		assertThat(result.took()).isPositive();
	}

	@Test
	void theSinkReceivesEveryPageInOrder() throws Exception {
		work(4096, 30);
		byte[] expected = this.history.image(30);
		List<Long> numbers = new ArrayList<>();
		new Restorer().restore(this.client, RestoreOptions.latest(this.output), (pgno, page, pageSize) -> {
			numbers.add(pgno);
			int from = (int) (pgno - 1) * pageSize;
			assertThat(Arrays.equals(page, 0, pageSize, expected, from, from + pageSize)).isTrue();
		});
		assertThat(numbers).hasSize(expected.length / 4096).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void aSinkThatFailsLeavesNothing() throws Exception {
		work(4096, 3);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> new Restorer().restore(this.client,
				RestoreOptions.latest(this.output), (pgno, page, pageSize) -> {
					throw new IOException("no room for digests");
				}))
			.withMessage("no room for digests");
		assertThat(entries()).isEmpty();
	}

	@Test
	void onlyTheDatabaseIsLeftBesideTheOutput() throws Exception {
		work(4096, 10);
		restore(this.output, RestoreTarget.LATEST);
		assertThat(entries()).containsExactly("app.db");
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.output))).startsWith("rw-")
			.doesNotContain("x");
	}

	@Test
	void theDatabaseStaysInWalMode() throws Exception {
		work(4096, 3);
		restore(this.output, RestoreTarget.LATEST);
		byte[] header = Arrays.copyOf(Files.readAllBytes(this.output), 20);
		assertThat(header[18]).isEqualTo((byte) 2);
		assertThat(header[19]).isEqualTo((byte) 2);
	}

	@Test
	void namesThatAnUrlWouldChangeAreFine() throws Exception {
		work(4096, 3);
		Path path = this.temp.resolve("a b?mode=x#%41&é/app;?&.db");
		restore(path, RestoreTarget.LATEST);
		assertThat(path).hasBinaryContent(this.history.image(3));
	}

	@Test
	void anEmptyReplicaHoldsNoBackup() {
		assertThatExceptionOfType(NoBackupException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining(this.client.location());
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E3")
	void anExistingDatabaseIsRefused() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Files.writeString(this.output, "mine");
		assertThatExceptionOfType(FileAlreadyExistsException.class)
			.isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining(this.output.toString())
			.withMessageContaining("move it away");
		assertThat(this.output).hasContent("mine");
		assertThat(entries()).containsExactly("app.db");
	}

	@Test
	@Hazard("E3")
	void aDatabaseThatAppearsDuringTheRestoreIsRefused() throws Exception {
		work(4096, 3);
		ReplicaClient slow = new InterceptedClient(this.client, (file) -> Files.writeString(this.output, "mine"));
		assertThatExceptionOfType(FileAlreadyExistsException.class)
			.isThrownBy(() -> new Restorer().restore(slow, RestoreOptions.latest(this.output), null));
		assertThat(this.output).hasContent("mine");
		assertThat(entries()).containsExactly("app.db");
	}

	@Test
	@Hazard("E3")
	void anEmptyFileIsNoDatabase() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Files.createFile(this.output);
		restore(this.output, RestoreTarget.LATEST);
		assertThat(this.output).hasBinaryContent(this.history.image(3));
	}

	@Test
	@Hazard("E3")
	void anEmptyFileWithAWalIsADatabase() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Files.createFile(this.output);
		Files.writeString(sibling("-wal"), "frames");
		assertThatExceptionOfType(FileAlreadyExistsException.class)
			.isThrownBy(() -> restore(this.output, RestoreTarget.LATEST));
		assertThat(sibling("-wal")).hasContent("frames");
	}

	@Test
	@Hazard("E3")
	@Hazard("E4")
	void anOverwrittenDatabaseMovesAsideAsASet() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Files.writeString(this.output, "old");
		for (String suffix : List.of("-wal", "-shm", "-journal")) {
			Files.writeString(sibling(suffix), "old" + suffix);
		}
		Files.setPosixFilePermissions(this.output, PosixFilePermissions.fromString("rw-rw----"));
		overwrite();
		assertThat(this.output).hasBinaryContent(this.history.image(3));
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.output))).isEqualTo("rw-rw----");
		assertThat(entries()).hasSize(5)
			.filteredOn((name) -> !name.equals("app.db"))
			.allMatch((name) -> name.matches("app\\.db(-wal|-shm|-journal)?\\.before-restore-\\d{8}T\\d{6}Z"));
		for (String name : entries()) {
			if (!name.equals("app.db")) {
				assertThat(this.output.resolveSibling(name))
					.hasContent("old" + name.substring(6, name.indexOf(".before")));
			}
		}
	}

	@Test
	@Hazard("E3")
	void everyOverwrittenDatabaseIsKept() throws Exception {
		work(4096, 3);
		for (int i = 0; i < 4; i++) {
			overwrite();
		}
		assertThat(entries()).hasSize(4);
		assertThat(this.output).hasBinaryContent(this.history.image(3));
	}

	@Test
	@Hazard("E3")
	void aWalLeftByAnotherDatabaseIsNotReplayed() throws Exception {
		work(4096, 5);
		Files.createDirectories(this.output.getParent());
		leaveWal();
		assertThat(entries()).contains("app.db-wal");
		restore(this.output, RestoreTarget.LATEST);
		assertThat(entries()).noneMatch((name) -> name.equals("app.db-wal") || name.equals("app.db-shm"))
			.anyMatch((name) -> name.startsWith("app.db-wal.stale-"));
		assertThat(this.output).hasBinaryContent(this.history.image(5));
		try (Connection connection = connect(this.output); Statement statement = connection.createStatement()) {
			try (ResultSet rows = statement
				.executeQuery("SELECT count(*) FROM sqlite_schema WHERE name = 'intruder'")) {
				assertThat(rows.getInt(1)).isZero();
			}
			try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
				assertThat(rows.getString(1)).isEqualTo("ok");
			}
		}
	}

	@Test
	@Hazard("E3")
	void aFailedRestoreLeavesTheOldDatabaseWithItsWal() throws Exception {
		work(4096, 3);
		this.history.snapshot();
		corruptAll();
		Files.createDirectories(this.output.getParent());
		Files.writeString(this.output, "old");
		Files.writeString(sibling("-wal"), "wal");
		assertThatThrownBy(this::overwrite).isInstanceOf(IOException.class);
		assertThat(entries()).containsExactlyInAnyOrder("app.db", "app.db-wal");
		assertThat(this.output).hasContent("old");
	}

	@Test
	@Hazard("E3")
	void aDirectoryIsRefusedAsOutput() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining("is a directory");
		assertThatExceptionOfType(IOException.class).isThrownBy(this::overwrite)
			.withMessageContaining("is a directory");
	}

	@Test
	@Hazard("E3")
	void aFileInPlaceOfTheDirectoryIsExplained() throws Exception {
		work(4096, 3);
		Files.writeString(this.temp.resolve("restored"), "a file");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining(this.output.toString())
			.withMessageContaining("its directory cannot be created");
	}

	@Test
	@Hazard("E3")
	void aDirectoryThatNobodyMayWriteToIsExplained() throws Exception {
		work(4096, 3);
		Path path = Path.of("/proc/sys/app.db");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(path, RestoreTarget.LATEST))
			.withMessageContaining("cannot be restored to /proc/sys/app.db");
	}

	@Test
	@Hazard("E3")
	void aLinkToADatabaseIsFollowed() throws Exception {
		work(4096, 3);
		Path real = this.temp.resolve("real.db");
		Files.writeString(real, "old");
		Files.createDirectories(this.output.getParent());
		Files.createSymbolicLink(this.output, real);
		overwrite();
		assertThat(this.output).isSymbolicLink();
		assertThat(real).hasBinaryContent(this.history.image(3));
	}

	@Test
	@Hazard("E3")
	void whatAKilledRestoreLeftIsRemoved() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Path leftover = this.output.resolveSibling(".app.db.restore-0b1f6a52-9c8e-4a27-8f5f-0a8d3f3c2b11");
		Files.createDirectories(leftover);
		Files.writeString(leftover.resolve("lock"), "");
		Files.writeString(leftover.resolve("1"), "half a database");
		Path other = Files.createDirectories(this.output.resolveSibling(".app.db.restore-mine"));
		Path another = Files
			.createDirectories(this.output.resolveSibling(".other.db.restore-0b1f6a52-9c8e-4a27-8f5f-0a8d3f3c2b11"));
		try (StagingDirectory running = StagingDirectory.create(this.output)) {
			assertThat(leftover).doesNotExist();
			restore(this.output, RestoreTarget.LATEST);
			assertThat(running.newFile().getParent()).exists();
		}
		assertThat(entries()).containsExactlyInAnyOrder("app.db", other.getFileName().toString(),
				another.getFileName().toString());
	}

	@Test
	@Hazard("E5")
	void aCorruptByteAnywhereNeverGivesAnotherDatabase() throws Exception {
		work(4096, 2);
		Path file = level(0).resolve("0000000000000001-0000000000000001.ltx");
		byte[] good = Files.readAllBytes(file);
		Random random = new Random(5);
		int failures = 0;
		for (int i = 0; i < 40; i++) {
			byte[] bad = good.clone();
			bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
			Files.write(file, bad);
			try {
				restore(this.output, RestoreTarget.LATEST);
				// a flipped bit may leave a compressed page that means the same
				assertThat(this.output).hasBinaryContent(this.history.image(2));
				Files.delete(this.output);
			}
			catch (IOException ex) {
				failures++;
			}
			assertThat(entries()).isEmpty();
		}
		assertThat(failures).isGreaterThan(20);
	}

	@Test
	@Hazard("E1")
	void aTruncatedFileFailsTheRestoreAtEveryLength() throws Exception {
		work(4096, 1);
		Path file = level(0).resolve("0000000000000001-0000000000000001.ltx");
		byte[] good = Files.readAllBytes(file);
		for (int length = 0; length < good.length; length += 1 + good.length / 60) {
			Files.write(file, Arrays.copyOf(good, length));
			assertThatThrownBy(() -> restore(this.output, RestoreTarget.LATEST)).isInstanceOf(IOException.class);
			assertThat(entries()).isEmpty();
		}
	}

	@Test
	@Hazard("E5")
	void aPageThatIsInNoFileFailsTheRestore() throws Exception {
		byte[] small = page(1, 2, 3);
		this.history.add(small);
		this.history.add(page(1, 2, 3, 4, 5));
		this.client.delete(this.client.list(0).files());
		writeRaw(0, 1, this.history.encode(1, 1));
		writeRaw(0, 2, this.history.encode(2, 2, List.of(4L)));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, IntegrityCheck.NONE))
			.withMessageContaining("page 4");
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E5")
	void theLastPageOfASnapshotMustBeThere() throws Exception {
		byte[] small = page(1, 2, 3);
		this.history.add(small);
		this.history.add(page(1, 2, 3, 4, 5));
		this.client.delete(this.client.list(0).files());
		writeRaw(0, 1, this.history.encode(1, 1));
		writeRaw(0, 2, this.history.encode(2, 2, List.of(5L)));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, IntegrityCheck.NONE))
			.withMessageContaining("page 5");
		assertThat(entries()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(IntegrityCheck.class)
	@Hazard("E5")
	void aDamagedDatabaseInWholeFilesIsFoundByTheCheck(IntegrityCheck check) throws Exception {
		byte[] image = database(4096, 30);
		new Random(3).nextBytes(image = image.clone());
		byte[] good = database(4096, 30);
		System.arraycopy(good, 0, image, 0, 4096);
		this.history.add(image);
		if (check == IntegrityCheck.NONE) {
			restore(this.output, check);
			assertThat(this.output).hasBinaryContent(image);
			return;
		}
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> restore(this.output, check))
			.withMessageContaining("damaged")
			.withMessageContaining("integrity-check");
		assertThat(entries()).isEmpty();
	}

	@Test
	@Hazard("E5")
	void aCorruptFileIsReplacedByOtherLevels() throws Exception {
		work(4096, 20);
		this.history.snapshot();
		this.history.write(1, 1, 12);
		corrupt(level(9).resolve("0000000000000001-0000000000000014.ltx"));
		RestoreResult result = restore(this.output, RestoreTarget.LATEST);
		assertThat(result.txid()).isEqualTo(new Txid(20));
		assertThat(result.files()).isEqualTo(9);
		assertThat(this.output).hasBinaryContent(this.history.image(20));
	}

	@Test
	@Hazard("E5")
	void aCorruptNewestFileIsNotPassedOver() throws Exception {
		work(4096, 5);
		corrupt(level(0).resolve("0000000000000005-0000000000000005.ltx"));
		assertThatExceptionOfType(BackupGapException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining("0000000000000005-0000000000000005.ltx")
			.withMessageContaining("can be restored as TXID 0000000000000004")
			.satisfies((ex) -> assertThat(ex.getSuppressed()[0]).hasMessageContaining("corrupt"));
		assertThat(entries()).isEmpty();
		restore(this.output, RestoreTarget.of(new Txid(4)));
		assertThat(this.output).hasBinaryContent(this.history.image(4));
	}

	@Test
	void aFileThatHoldsOtherTxidsThanItsNameSaysIsAvoided() throws Exception {
		work(4096, 5);
		this.client.write(9, new Txid(1), new Txid(5), History.at(5),
				new ByteArrayInputStream(this.history.encode(1, 3)));
		restore(this.output, RestoreTarget.LATEST);
		assertThat(this.output).hasBinaryContent(this.history.image(5));
	}

	@Test
	@Hazard("D2")
	void filesDeletedMeanwhileAreReplacedByTheirCompaction() throws Exception {
		work(4096, 20);
		AtomicInteger reads = new AtomicInteger();
		ReplicaClient retaining = new InterceptedClient(this.client, (file) -> {
			if (reads.incrementAndGet() == 3) {
				this.history.write(1, 1, 18);
				this.client.delete(this.client.list(0).files().subList(0, 18));
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
	void moreFilesThanMayBeOpenAreMergedInGroups() throws Exception {
		byte[] image = bigImage(60);
		Random random = new Random(1);
		for (int i = 1; i <= 460; i++) {
			image = Arrays.copyOf(image, 4096 * (40 + random.nextInt(20)));
			for (int n = random.nextInt(4); n >= 0; n--) {
				image[random.nextInt(image.length)]++;
			}
			this.history.add(image.clone());
		}
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(this.history.image(460));
		this.history.write(9, 1, 200);
		Path other = this.temp.resolve("other.db");
		RestoreResult result = new Restorer().restore(this.client,
				new RestoreOptions(other, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
		assertThat(result.files()).isEqualTo(261);
		assertThat(other).hasBinaryContent(this.history.image(460));
	}

	@Test
	void aCorruptFileIsFoundAmongMany() throws Exception {
		byte[] image = page(1, 2, 3);
		for (int i = 1; i <= 450; i++) {
			image[i % image.length]++;
			this.history.add(image.clone());
		}
		this.history.write(1, 1, 300);
		this.history.write(2, 290, 420);
		corrupt(level(2).resolve("0000000000000122-00000000000001a4.ltx"));
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(this.history.image(450));
	}

	@Test
	void theLockPageOfADatabasePastOneGigabyteIsFilledIn() throws Exception {
		int pageSize = 65536;
		long lockPage = LtxFormat.lockPage(pageSize);
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, pageSize, lockPage + 2, Txid.FIRST, Txid.FIRST,
				History.at(1).toEpochMilli(), 0, 0, 0, 0, 0, 0);
		ByteArrayOutputStream ltx = new ByteArrayOutputStream();
		byte[] page = new byte[pageSize];
		try (LtxWriter writer = new LtxWriter(ltx, header)) {
			for (long pgno = 1; pgno <= header.commit(); pgno++) {
				if (pgno != lockPage) {
					ByteBuffer.wrap(page).putLong(pgno);
					writer.writePage(pgno, page, 0);
				}
			}
			writer.finish();
		}
		writeRaw(0, 1, ltx.toByteArray());
		restore(this.output, IntegrityCheck.NONE);
		assertThat(Files.size(this.output)).isEqualTo(header.commit() * pageSize);
		try (RandomAccessFile database = new RandomAccessFile(this.output.toFile(), "r")) {
			for (long pgno = lockPage - 2; pgno <= header.commit(); pgno++) {
				database.seek((pgno - 1) * pageSize);
				database.readFully(page);
				assertThat(ByteBuffer.wrap(page).getLong()).isEqualTo((pgno == lockPage) ? 0 : pgno);
			}
		}
	}

	@Test
	void nothingButTheImageLiesOnDisk() throws Exception {
		byte[] image = bigImage(5000);
		this.history.add(image);
		byte[] changed = image.clone();
		changed[4096 * 4999]++;
		this.history.add(changed);
		AtomicInteger staged = new AtomicInteger();
		new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false),
				(pgno, page, pageSize) -> staged.set((pgno == 1) ? stagedFiles() : staged.get()));
		assertThat(this.output).hasBinaryContent(changed);
		assertThat(staged).as("the lock and the image").hasValue(2);
	}

	@Test
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

	@Test
	@Hazard("E5")
	void aLargeFileThatIsCorruptIsReplacedByOtherLevels() throws Exception {
		byte[] image = bigImage(3000);
		this.history.add(Arrays.copyOf(image, 4096 * 1500));
		this.history.add(image);
		this.history.snapshot();
		corrupt(level(9).resolve("0000000000000001-0000000000000002.ltx"));
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(image);
		assertThat(entries()).containsExactly("app.db");
	}

	@Test
	void oneRestorerServesSeveralThreads() throws Exception {
		work(4096, 20);
		Restorer restorer = new Restorer();
		ExecutorService executor = Executors.newFixedThreadPool(3);
		try {
			List<Callable<RestoreResult>> tasks = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				Path path = this.temp.resolve("restored/" + i + ".db");
				tasks.add(() -> restorer.restore(this.client, RestoreOptions.latest(path), null));
			}
			for (Future<RestoreResult> future : executor.invokeAll(tasks)) {
				assertThat(future.get().path()).hasBinaryContent(this.history.image(20));
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void theRealProgramRestoresTheSame() throws Exception {
		work(4096, 30);
		this.history.write(1, 1, 10);
		this.history.write(9, 1, 15);
		Path theirs = this.temp.resolve("theirs.db");
		String url = "file://" + this.temp.resolve("replica");
		Oracle.restore(url, theirs);
		restore(this.output, RestoreTarget.LATEST);
		Databases.sameContent(this.output, theirs);
		Path theirsEarlier = this.temp.resolve("theirs-earlier.db");
		Oracle.restore(url, theirsEarlier, 17);
		Path oursEarlier = this.temp.resolve("ours-earlier.db");
		restore(oursEarlier, RestoreTarget.of(new Txid(17)));
		Databases.sameContent(oursEarlier, theirsEarlier);
		Path theirsThen = this.temp.resolve("theirs-then.db");
		Oracle.restore(url, theirsThen, History.at(23));
		Path oursThen = this.temp.resolve("ours-then.db");
		restore(oursThen, RestoreTarget.before(History.at(23)));
		Databases.sameContent(oursThen, theirsThen);
	}

	@Test
	void whatTheRealProgramWroteIsRestored() throws Exception {
		Path database = this.temp.resolve("live.db");
		String url = "file://" + this.temp.resolve("replica");
		for (int i = 0; i < 3; i++) {
			try (Connection connection = connect(database)) {
				execute(connection, "PRAGMA journal_mode=WAL");
				new Workload(connection, i).run(20);
			}
			Oracle.replicateOnce(database, url);
		}
		restore(this.output, RestoreTarget.LATEST);
		Path theirs = this.temp.resolve("theirs.db");
		Oracle.restore(url, theirs);
		Databases.sameContent(this.output, theirs);
		assertThat(Databases.integrity(this.output)).isEqualTo("ok");
	}

	/** Does transactions on a real database in WAL mode, one TXID each. */
	private void work(int pageSize, int transactions) throws Exception {
		Path path = this.temp.resolve("source-" + pageSize + ".db");
		try (Connection connection = connect(path)) {
			execute(connection, "PRAGMA page_size=" + pageSize, "PRAGMA journal_mode=WAL");
			Workload workload = new Workload(connection, pageSize);
			for (int i = 0; i < transactions; i++) {
				workload.run((i == 0) ? 1 : 3);
				this.history.add(History.image(connection));
			}
		}
	}

	private byte[] database(int pageSize, int steps) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
			execute(connection, "PRAGMA page_size=" + pageSize);
			new Workload(connection, pageSize).run(steps);
			return History.image(connection);
		}
	}

	/** A WAL whose database is gone, as a kill and a deleted database leave it. */
	private void leaveWal() throws Exception {
		Path elsewhere = this.temp.resolve("intruder.db");
		try (Connection connection = connect(elsewhere)) {
			execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE intruder (x)",
					"INSERT INTO intruder VALUES (randomblob(20000))");
			Files.copy(elsewhere.resolveSibling("intruder.db-wal"), sibling("-wal"));
			Files.writeString(sibling("-shm"), "");
		}
	}

	private void overwrite() throws IOException {
		new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.QUICK, true), null);
	}

	private RestoreResult restore(Path path, RestoreTarget target) throws IOException {
		return new Restorer().restore(this.client, new RestoreOptions(path, target, IntegrityCheck.QUICK, false), null);
	}

	private void restore(Path path, IntegrityCheck check) throws IOException {
		new Restorer().restore(this.client, new RestoreOptions(path, RestoreTarget.LATEST, check, false), null);
	}

	private void writeRaw(int level, int txid, byte[] file) throws IOException {
		this.client.write(level, new Txid(txid), new Txid(txid), History.at(txid), new ByteArrayInputStream(file));
	}

	private static void corrupt(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length / 2] ^= 1;
		Files.write(file, bytes);
	}

	private void corruptAll() throws IOException {
		try (Stream<Path> files = Files.walk(this.temp.resolve("replica"))) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				corrupt(file);
			}
		}
	}

	private static byte[] page(int... contents) {
		byte[] image = new byte[4096 * contents.length];
		for (int i = 0; i < contents.length; i++) {
			Arrays.fill(image, 4096 * i, 4096 * (i + 1), (byte) contents[i]);
		}
		return image;
	}

	private static byte[] bigImage(int pages) {
		byte[] image = new byte[4096 * pages];
		new Random(pages).nextBytes(image);
		return image;
	}

	private static void execute(Connection connection, String... statements) throws Exception {
		for (String sql : statements) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}
	}

	private static Connection connect(Path path) throws Exception {
		return DriverManager.getConnection("jdbc:sqlite:" + path);
	}

	private Path level(int level) {
		return this.temp.resolve("replica/ltx/" + level);
	}

	private Path sibling(String suffix) {
		return this.output.resolveSibling(this.output.getFileName() + suffix);
	}

	private int stagedFiles() throws IOException {
		try (Stream<Path> files = Files.walk(this.output.getParent())) {
			return (int) files.filter(Files::isRegularFile).count();
		}
	}

	private List<String> entries() {
		if (!Files.isDirectory(this.output.getParent())) {
			return List.of();
		}
		try (Stream<Path> entries = Files.list(this.output.getParent())) {
			return entries.map((path) -> path.getFileName().toString()).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
