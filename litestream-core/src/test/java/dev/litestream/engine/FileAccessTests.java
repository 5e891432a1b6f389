package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.RestoreTarget;
import dev.litestream.test.LockWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may not read the database may not read what is made of it.
 */
@Timeout(120)
class FileAccessTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "rw-------", "rw-r-----", "rw-rw----", "rw-r--r--" })
	void allFilesHaveTheModeOfTheDatabase(String mode) throws Exception {
		Path database = this.directory.resolve("data/app.db");
		create(database, mode);
		// as an earlier version left it
		Path meta = Files.createDirectories(database.resolveSibling(".app.db-litestream/ltx/0"))
			.getParent()
			.getParent();
		Path copy = this.directory.resolve("copy.db");
		try (Application app = new Application(this.directory)) {
			work(app);
			assertThat(LockWatch.of(database).isIntact()).isTrue();
			requireMode(meta, mode);
			app.database().restoreTo(copy, RestoreTarget.LATEST);
			assertThat(mode(copy)).isEqualTo(mode);
		}
		requireMode(meta, mode);
		Files.delete(database);
		try (Application app = new Application(this.directory)) {
			assertThat(app.query("SELECT count(*) FROM t")).isEqualTo(2);
			assertThat(mode(database)).as("restored").isEqualTo(mode);
			work(app);
			requireMode(meta, mode);
		}
	}

	@Test
	void allFilesBelongToTheOwnerOfTheDatabaseIfThatCanBe() throws Exception {
		Path database = this.directory.resolve("data/app.db");
		create(database, "rw-------");
		UserPrincipal other = database.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
		if (Files.getOwner(database).getName().equals("root")) {
			Files.setOwner(database, other);
		}
		UserPrincipal owner = Files.getOwner(database);
		try (Application app = new Application(this.directory)) {
			work(app);
		}
		try (Stream<Path> made = Files.walk(database.resolveSibling(".app.db-litestream"))) {
			assertThat(made.toList()).allSatisfy((path) -> assertThat(Files.getOwner(path)).isEqualTo(owner));
		}
	}

	private static void create(Path database, String mode) throws Exception {
		Files.createDirectories(database.getParent());
		Files.createFile(database);
		Files.setPosixFilePermissions(database, PosixFilePermissions.fromString(mode));
	}

	/** Small files and large ones, hashes of pages, the memory of a verification. */
	private static void work(Application app) throws Exception {
		app.execute("CREATE TABLE IF NOT EXISTS t(v)", "INSERT INTO t VALUES(1)");
		app.sync();
		app.execute("INSERT INTO t VALUES(randomblob(400000))");
		app.sync();
		app.database().verify();
	}

	private static void requireMode(Path meta, String mode) throws Exception {
		try (Stream<Path> made = Files.walk(meta)) {
			List<Path> paths = made.toList();
			assertThat(paths).extracting((path) -> path.getFileName().toString())
				.contains("lock", "identity", "verified", "0");
			assertThat(paths).allSatisfy((path) -> assertThat(mode(path)).as(path.toString())
				.isEqualTo(Files.isDirectory(path) ? mode.replaceAll("r(.)-", "r$1x") : mode));
		}
	}

	private static String mode(Path path) throws Exception {
		return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
	}

}
