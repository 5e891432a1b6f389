package dev.litestream.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

@EnabledOnOs(OS.LINUX)
class LockWatchTests {

	@TempDir
	Path folder;

	@Test
	void seesTheWriteLockComeAndGo() throws Exception {
		Path database = this.folder.resolve("app.db");
		LockWatch watch = LockWatch.of(database);
		assertThat(watch.isIntact()).isFalse();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database + "?journal_mode=WAL");
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t (x)");
			assertThat(watch.isIntact()).isTrue();
			statement.execute("BEGIN IMMEDIATE");
			assertThat(watch.sharedMemory()).contains(new LockWatch.Lock(true, 120, 120));
			statement.execute("COMMIT");
			assertThat(watch.sharedMemory()).noneMatch(LockWatch.Lock::exclusive);
		}
		assertThat(watch.database()).isEmpty();
	}

	@Test
	@Hazard("G1")
	void seesThatAForeignCloseDropsTheLocks() throws Exception {
		Path database = this.folder.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database + "?journal_mode=WAL");
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE t (x)");
			Files.readAllBytes(database);
			assertThat(LockWatch.of(database).database()).isEmpty();
			assertThat(LockWatch.of(database).isIntact()).isFalse();
		}
	}

}
