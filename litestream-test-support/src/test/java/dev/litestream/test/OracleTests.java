package dev.litestream.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class OracleTests {

	@TempDir
	Path folder;

	private Path database;

	private String url;

	@BeforeEach
	void createDatabase() throws SQLException {
		this.database = this.folder.resolve("app.db");
		this.url = this.folder.resolve("replica").toUri().toString();
		execute("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)");
	}

	@Test
	void replicatesListsAndRestores() throws Exception {
		try (Oracle.Replication replication = Oracle.replicate(this.database, this.url)) {
			await().until(() -> !Oracle.ltx(this.url, 0).isEmpty());
			execute("INSERT INTO t VALUES (2)");
			replication.stop();
			assertThat(replication.isAlive()).isFalse();
			assertThat(replication.log()).contains("litestream shut down");
		}
		assertThat(Oracle.ltx(this.url, 0)).extracting(Oracle.LtxFile::minTxid).containsSequence(1L, 2L);
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(this.url, restored);
		Databases.checkpoint(this.database);
		Databases.sameContent(restored, this.database);
		assertThat(Databases.integrity(restored)).isEqualTo("ok");
	}

	@Test
	void restoresUpToATransaction() throws Exception {
		Oracle.replicateOnce(this.database, this.url);
		execute("INSERT INTO t VALUES (2)");
		Oracle.replicateOnce(this.database, this.url);
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(this.url, restored, 1);
		assertThat(rows(restored)).isOne();
	}

	@Test
	void failsWithWhatTheProgramPrinted() {
		Path output = this.folder.resolve("restored.db");
		assertThatIllegalStateException().isThrownBy(() -> Oracle.restore(this.url, output))
			.withMessageContaining("exit code 1")
			.withMessageContaining("no matching backup files available");
		assertThat(Files.exists(output)).isFalse();
	}

	private static int rows(Path file) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
			return result.getInt(1);
		}
	}

	private void execute(String... statements) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.database);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
