package dev.litestream.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class DatabasesTests {

	@TempDir
	Path folder;

	@Test
	void sameSeedMakesTheSameFile() throws Exception {
		Path one = work("one.db", 7);
		Path two = work("two.db", 7);
		Databases.sameContent(one, two);
		assertThat(Databases.integrity(one)).isEqualTo("ok");
	}

	@Test
	void otherSeedMakesAnotherFile() throws Exception {
		Path one = work("one.db", 7);
		Path two = work("two.db", 8);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> Databases.sameContent(one, two))
			.withMessageContaining("differ");
	}

	@Test
	void namesTheFirstDifferingPage() throws Exception {
		Path one = work("one.db", 7);
		Path two = Files.copy(one, this.folder.resolve("two.db"));
		byte[] bytes = Files.readAllBytes(two);
		bytes[2 * 4096 + 17] ^= 1;
		Files.write(two, bytes);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> Databases.sameContent(one, two))
			.withMessageContaining("first at page 3, offset 17");
	}

	@Test
	void noticesATruncatedFile() throws Exception {
		Path one = work("one.db", 7);
		Path two = Files.copy(one, this.folder.resolve("two.db"));
		byte[] bytes = Files.readAllBytes(two);
		Files.write(two, Arrays.copyOf(bytes, bytes.length - 4096));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> Databases.sameContent(one, two))
			.withMessageContaining("one ends in page");
	}

	@Test
	void reportsDamage() throws Exception {
		Path database = work("one.db", 7);
		byte[] bytes = Files.readAllBytes(database);
		Arrays.fill(bytes, 4096, bytes.length, (byte) 0x55);
		Files.write(database, bytes);
		assertThat(Databases.integrity(database)).isNotEqualTo("ok");
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void refusesAFileThatIsOpenHere() throws Exception {
		Path one = work("one.db", 7);
		Path two = work("two.db", 7);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + one)) {
			assertThat(connection.createStatement().execute("SELECT * FROM sqlite_schema")).isTrue();
			assertThatIllegalStateException().isThrownBy(() -> Databases.sameContent(one, two))
				.withMessageContaining("is open in this JVM");
		}
	}

	private Path work(String name, long seed) throws SQLException {
		Path database = this.folder.resolve(name);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			for (String pragma : List.of("PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL")) {
				try (Statement statement = connection.createStatement()) {
					statement.execute(pragma);
				}
			}
			new Workload(connection, seed).run(150);
		}
		return database;
	}

}
