package dev.litestream.replica;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.test.Hazard;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link FileReplicaClient}.
 */
class FileReplicaClientTests extends ReplicaClientContract {

	private static final Instant TIMESTAMP = Instant.parse("2026-08-19T14:53:00.123Z");

	private static final String NAME = "000000000000002a-00000000000000ff.ltx";

	@TempDir
	private Path temp;

	@Override
	protected ReplicaClient create() {
		return new FileReplicaClient(this.temp.resolve("deep/replica"));
	}

	@Override
	protected void damage(LtxFileInfo file, byte[] content) throws IOException {
		Path path = level(file.level()).resolve(file.fileName());
		FileTime time = Files.getLastModifiedTime(path);
		Files.write(path, content);
		Files.setLastModifiedTime(path, time);
	}

	@Test
	void filesLieWhereLitestreamLooksForThem() throws Exception {
		write(new byte[] { 1, 2, 3 });
		Path path = level(0).resolve(NAME);
		assertThat(path).hasBinaryContent(new byte[] { 1, 2, 3 });
		assertThat(Files.getLastModifiedTime(path).toInstant()).isEqualTo(TIMESTAMP);
		assertThat(this.client.location()).isEqualTo("file://" + this.temp.resolve("deep/replica"));
		assertThat(this.client.type()).isEqualTo("file");
	}

	@Test
	void onlyTheOwnerMayReadABackup() throws Exception {
		write(new byte[] { 1, 2, 3 });
		assertThat(mode(level(0).resolve(NAME))).isEqualTo("rw-------");
		assertThat(mode(level(0))).isEqualTo("rwx------");
		assertThat(mode(this.temp.resolve("deep"))).isEqualTo("rwx------");
	}

	@Test
	void aWriteLeavesNothingButTheFile() throws Exception {
		write(new byte[1000]);
		write(new byte[1000]);
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(new byte[999]))
			.withMessageContaining(NAME)
			.withMessageContaining("second writer");
		try (Stream<Path> entries = Files.list(level(0))) {
			assertThat(entries).extracting((path) -> path.getFileName().toString()).containsExactly(NAME);
		}
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03IsRefusedWithTheWayOut() throws Exception {
		Path old = legacy(TIMESTAMP);
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> create().open())
			.withMessageContaining("Litestream 0.3")
			.withMessageContaining(
					"generations/0123456789abcdef/snapshots/00000000.snapshot.lz4 of 2026-08-19T14:53:00.123Z")
			.withMessageContaining("restore the database with the litestream 0.3.x program")
			.withMessageContaining("replica.path");
		assertThat(old).exists();
	}

	@Test
	@Hazard("C11")
	void aBackupOfLitestream03ThatGoesOnIsRefusedBesideLtxFiles() throws Exception {
		write(new byte[] { 1, 2, 3 });
		legacy(TIMESTAMP.plusSeconds(1));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> create().open())
			.withMessageContaining("Litestream 0.3");
	}

	@Test
	@Hazard("C11")
	void whatLitestream03LeftBeforeALaterOneTookOverIsFine() throws Exception {
		write(new byte[] { 1, 2, 3 });
		legacy(TIMESTAMP.minusSeconds(1));
		try (ReplicaClient client = create()) {
			client.open();
			assertThat(client.list(0).files()).hasSize(1);
		}
	}

	@Test
	void otherDirectoriesAreNoBackupOfLitestream03() throws Exception {
		Files.createDirectories(this.temp.resolve("deep/replica/generations/0123456789abcdef"));
		Files.createDirectories(this.temp.resolve("deep/replica/generations/of-people"));
		Files.write(this.temp.resolve("deep/replica/generations/of-people/file"), new byte[1]);
		try (ReplicaClient client = create()) {
			client.open();
			assertThat(client.list(0).files()).isEmpty();
		}
	}

	private Path legacy(Instant time) throws IOException {
		Path snapshot = this.temp.resolve("deep/replica/generations/0123456789abcdef/snapshots/00000000.snapshot.lz4");
		Files.createDirectories(snapshot.getParent());
		Files.write(snapshot, new byte[10]);
		Files.setLastModifiedTime(snapshot, FileTime.from(time));
		return snapshot;
	}

	@Test
	void abandonedTemporaryFilesAreRemovedAtOpen() throws Exception {
		write(new byte[1000]);
		Path abandoned = Files.createFile(level(0).resolve(NAME + ".tmp"));
		Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
		Path busy = Files.createFile(level(0).resolve(NAME + ".1234.tmp"));
		assertThat(this.client.list(0).files()).hasSize(1);
		create().open();
		assertThat(abandoned).doesNotExist();
		assertThat(busy).exists();
		Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
		new FileReplicaClient(this.temp.resolve("deep/replica"), later).open();
		assertThat(busy).doesNotExist();
		assertThat(level(0).resolve(NAME)).exists();
	}

	@ParameterizedTest
	@ValueSource(strings = { "notes.txt", "000000000000002A-00000000000000ff.ltx", "000000000000002a-00000000000000ff",
			"00000000000000ff-000000000000002a.ltx", "0000000000000000-0000000000000001.ltx", "2a-ff.ltx",
			"000000000000002a-00000000000000ff.ltx.gz" })
	void aNameThatIsNoLtxFileIsAnErrorNotSkipped(String name) throws Exception {
		write(new byte[10]);
		Files.createFile(level(0).resolve(name));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> this.client.list(0))
			.withMessageContaining(name)
			.withMessageContaining("move it out");
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> this.client.listAll());
		assertThat(this.client.list(1).files()).isEmpty();
		assertThat(this.client.condition().hasErrors()).isTrue();
		assertThat(this.client.condition().findings()).singleElement()
			.satisfies((finding) -> assertThat(finding.message()).contains(name, "move it out"));
		Files.delete(level(0).resolve(name));
		// Nobody lists it; who looks for an outage looks for that too.
		await().atMost(Duration.ofSeconds(60))
			.until(() -> this.client.isConnected() && !this.client.condition().hasErrors());
	}

	@Test
	void aDirectoryWithTheNameOfAFileIsAnError() throws Exception {
		Files.createDirectories(level(0).resolve(NAME));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> this.client.list(0))
			.withMessageContaining("not a file");
	}

	@Test
	void aReplicaThatVanishedIsNotEmpty() throws Exception {
		Files.delete(this.temp.resolve("deep/replica"));
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> this.client.list(0))
			.withMessageContaining("mounted");
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(() -> this.client.listAll());
	}

	@ParameterizedTest
	@ValueSource(strings = { "gone", "empty", "other files" })
	void aReplicaThatVanishedIsNeverCreatedAnew(String now) throws Exception {
		LtxFileInfo written = write(new byte[] { 1, 2, 3 });
		Path replica = this.temp.resolve("deep/replica");
		Path away = this.temp.resolve("away");
		Files.move(replica, away);
		if (!now.equals("gone")) {
			Files.createDirectory(replica);
		}
		if (now.equals("other files")) {
			Files.createDirectories(level(0));
			Files.write(level(0).resolve(NAME), new byte[] { 3, 2, 1 });
		}
		long before = entries();
		requireDisappeared(() -> this.client.open());
		requireDisappeared(() -> this.client.write(0, new Txid(0x100), new Txid(0x100), TIMESTAMP,
				new ByteArrayInputStream(new byte[9])));
		requireDisappeared(() -> this.client.list(0));
		requireDisappeared(() -> this.client.exists(written));
		requireDisappeared(() -> this.client.delete(List.of(written)));
		assertThat(entries()).isEqualTo(before);
		if (before > 0) {
			Files.move(replica, this.temp.resolve("intruder"));
		}
		Files.move(away, replica);
		this.client.open();
		assertThat(this.client.list(0).files()).containsExactly(written);
		assertThat(this.client.exists(written)).isTrue();
	}

	/** Another mount of the same file system may have another identity. */
	@Test
	void aReplicaInAnotherDirectoryWithItsFilesIsUsed() throws Exception {
		LtxFileInfo written = write(new byte[] { 1, 2, 3 });
		Path replica = this.temp.resolve("deep/replica");
		Files.move(replica, this.temp.resolve("away"));
		Files.createDirectories(level(0));
		Path copy = Files.copy(this.temp.resolve("away/ltx/0").resolve(NAME), level(0).resolve(NAME));
		Files.setLastModifiedTime(copy, FileTime.from(TIMESTAMP));
		this.client.open();
		assertThat(this.client.list(0).files()).containsExactly(written);
	}

	private long entries() throws IOException {
		Path replica = this.temp.resolve("deep/replica");
		if (!Files.exists(replica)) {
			return 0;
		}
		try (Stream<Path> entries = Files.walk(replica)) {
			return entries.count();
		}
	}

	private static void requireDisappeared(ThrowingCallable call) {
		assertThatExceptionOfType(ReplicaUnavailableException.class).isThrownBy(call)
			.withMessageContaining("has disappeared")
			.withMessageContaining("unmounted")
			.withMessageContaining("litestream.dbs[].replica.path")
			.withMessageContaining("goes on by itself");
	}

	@Test
	void aFileInPlaceOfTheDirectoryIsRefused() throws Exception {
		Path file = Files.createFile(this.temp.resolve("file"));
		assertThatExceptionOfType(ReplicaRefusedException.class).isThrownBy(() -> new FileReplicaClient(file).open())
			.withMessageContaining(file.toString())
			.withMessageContaining("set the replica's path");
		assertThatExceptionOfType(ReplicaRefusedException.class)
			.isThrownBy(() -> new FileReplicaClient(file.resolve("below")).open());
	}

	@Test
	void aFileThatShrankSinceItWasListedIsRefused() throws Exception {
		LtxFileInfo written = write(new byte[1000]);
		Files.write(level(0).resolve(NAME), new byte[999]);
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> this.client.read(written))
			.withMessageContaining("999");
	}

	@Test
	void aFileThatShrinksWhileItIsReadIsRefused() throws Exception {
		LtxFileInfo written = write(new byte[1000]);
		try (InputStream in = this.client.read(written)) {
			in.readNBytes(10);
			Files.write(level(0).resolve(NAME), new byte[20]);
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(in::readAllBytes);
		}
	}

	@Test
	void aReadSurvivesAnInterrupt() throws Exception {
		LtxFileInfo written = write(new byte[500_000]);
		try (InputStream in = this.client.read(written)) {
			in.readNBytes(10);
			Thread.currentThread().interrupt();
			assertThat(in.readAllBytes()).hasSize(499_990);
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

	@Test
	void aRangeOfTxidsThatNoFileHasIsRefused() {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(
				() -> this.client.write(0, Txid.ZERO, Txid.FIRST, TIMESTAMP, new ByteArrayInputStream(new byte[9])));
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(
				() -> this.client.write(0, new Txid(3), new Txid(2), TIMESTAMP, new ByteArrayInputStream(new byte[9])));
	}

	private LtxFileInfo write(byte[] content) throws IOException {
		return this.client.write(0, new Txid(0x2a), new Txid(0xff), TIMESTAMP, new ByteArrayInputStream(content));
	}

	private Path level(int level) {
		return this.temp.resolve("deep/replica/ltx/" + level);
	}

	private static String mode(Path path) throws IOException {
		return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
	}

}
