package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link FileMount}.
 */
class FileMountTests {

	@TempDir
	Path directory;

	private boolean isMounted(Path file, String... mountPoints) throws Exception {
		Path table = this.directory.resolve("mountinfo");
		StringBuilder lines = new StringBuilder();
		for (String mountPoint : mountPoints) {
			lines.append("36 35 98:0 /host/app.db ").append(mountPoint).append(" rw,noatime - ext4 /dev/vda rw\n");
		}
		Files.writeString(table, lines);
		return FileMount.isAt(file, table);
	}

	@Test
	void aFileThatIsMountedByItself() throws Exception {
		Path file = Files.createFile(this.directory.resolve("a b.db"));
		String mountPoint = file.toString().replace(" ", "\\040");
		assertThat(isMounted(file, "/", mountPoint)).isTrue();
		assertThat(isMounted(file, "/", this.directory.toString())).isFalse();
		assertThat(isMounted(this.directory, this.directory.toString())).isFalse();
		assertThat(isMounted(file.resolveSibling("other.db"), mountPoint)).isFalse();
	}

	@Test
	void theStartFailsBeforeAnythingIsTouched() {
		Path file = this.directory.resolve("data/app.db");
		DatabaseOptions options = DatabaseOptions.of(file).name("shop").build();
		StartupRestore restore = new StartupRestore(options, new FileReplicaClient(this.directory.resolve("replica")),
				(event) -> {
				}, () -> {
					throw new IllegalStateException("claimed");
				}, file::equals);
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(restore::run)
			.withMessageContaining("The database file " + file + " of 'shop' is mounted by itself")
			.withMessageContaining("Mount its directory " + file.getParent());
		assertThat(this.directory).isEmptyDirectory();
	}

	@Test
	void whereThereIsNoTable() {
		assertThat(FileMount.isAt(this.directory.resolve("app.db"), this.directory.resolve("none"))).isFalse();
	}

}
