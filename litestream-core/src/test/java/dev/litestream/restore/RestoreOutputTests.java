package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a restore does beside and in place of what lies at its output.
 */
@Timeout(120)
class RestoreOutputTests extends RestoreFixture {

	@Test
	void onlyTheDatabaseIsLeftBesideTheOutput() throws Exception {
		work(4096, 10);
		restore(this.output, RestoreTarget.LATEST);
		assertThat(entries()).containsExactly("app.db");
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.output))).startsWith("rw-")
			.doesNotContain("x");
	}

	@Test
	void namesThatAnUrlWouldChangeAreFine() throws Exception {
		work(4096, 3);
		Path path = this.temp.resolve("a b?mode=x#%41&é/app;?&.db");
		restore(path, RestoreTarget.LATEST);
		assertThat(path).hasBinaryContent(this.history.image(3));
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
	void aFullDiskIsToldFromAReplicaThatFails() throws Exception {
		work(4096, 3);
		Files.createDirectories(this.output.getParent());
		Files.writeString(this.output, "old");
		RestoreOptions options = new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, true);
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> new Restorer().restore(this.client, options, (pgno, page, pageSize) -> {
				throw new IOException("No space left on device");
			}))
			.withMessageContaining("no space left for " + this.output)
			.withMessageContaining("Free space there");
		assertThat(this.output).hasContent("old");
		assertThat(entries()).containsExactly("app.db");
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

}
