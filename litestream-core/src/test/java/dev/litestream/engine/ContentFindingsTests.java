package dev.litestream.engine;

import java.nio.file.Path;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestoreOnStartup;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What SQLite says of the content of a database is the application's to judge, and keeps
 * no faithful backup from being restored.
 */
@Timeout(120)
class ContentFindingsTests {

	@TempDir
	Path directory;

	static Stream<Arguments> contents() {
		return Stream.of(arguments("external content that is indexed at night", "doc_fts",
				new String[] { "CREATE TABLE doc(id INTEGER PRIMARY KEY, body TEXT)",
						"CREATE VIRTUAL TABLE doc_fts USING fts4(content='doc', body)",
						"INSERT INTO doc VALUES(1, 'hello world')", "INSERT INTO doc_fts(doc_fts) VALUES('rebuild')",
						"UPDATE doc SET body = 'good bye' WHERE id = 1" }),
				arguments("tokenizer of the application", "note_fts", new String[] {
						"CREATE VIRTUAL TABLE note_fts USING fts5(body, tokenize='unicode61')",
						"INSERT INTO note_fts VALUES('hello')", "PRAGMA writable_schema=ON",
						"UPDATE sqlite_schema SET sql = replace(sql, 'unicode61', 'simple') WHERE name='note_fts'",
						"PRAGMA writable_schema=RESET" }),
				arguments("index of another version of SQLite", "fts5",
						new String[] { "CREATE VIRTUAL TABLE old_fts USING fts5(body)",
								"UPDATE old_fts_config SET v = 3 WHERE k = 'version'" }),
				arguments("NOT NULL that was added later", "NULL value in t.v",
						new String[] { "CREATE TABLE t(v)", "INSERT INTO t VALUES(NULL)", "PRAGMA writable_schema=ON",
								"UPDATE sqlite_schema SET sql = 'CREATE TABLE t(v NOT NULL)' WHERE name='t'",
								"PRAGMA writable_schema=RESET" }),
				arguments("type that was declared later", "non-INT value in t.v",
						new String[] { "CREATE TABLE t(v)", "INSERT INTO t VALUES('a')", "PRAGMA writable_schema=ON",
								"UPDATE sqlite_schema SET sql = 'CREATE TABLE t(v INT) STRICT' WHERE name='t'",
								"PRAGMA writable_schema=RESET" }));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("contents")
	void whatSqliteSaysOfTheContentIsNoDamage(String what, String finding, String[] statements) throws Exception {
		Txid older;
		try (Application app = new Application(this.directory)) {
			app.execute(statements);
			app.sync();
			older = app.status().replicatedTxid();
			requireVerified(app.database().verify(), finding);
			app.execute("CREATE TABLE another(v)");
			app.sync();
			requireVerified(app.database().verify(RestoreTarget.of(older)), finding);
		}
		for (IntegrityCheck check : IntegrityCheck.values()) {
			RestoreResult result = restore(check);
			assertThat(result.path()).exists();
			if (check != IntegrityCheck.NONE) {
				assertThat(result.findings() + " " + result.notCheckable()).contains(finding);
			}
		}
	}

	@Test
	void indexOfAnExpressionThatIsComputedOtherwiseIsNoDamage() throws Exception {
		index("CREATE INDEX i ON t(a + 1)", "CREATE INDEX i ON t(a + 2)");
		assertThat(restore(IntegrityCheck.FULL).findings()).anyMatch((finding) -> finding.contains("index i"));
	}

	@Test
	void indexOfPlainColumnsThatDoesNotFitItsTableIsDamage() throws Exception {
		index("CREATE INDEX i ON t(a)", "CREATE INDEX i ON t(b)");
		assertThatExceptionOfType(RestoreFailedException.class).isThrownBy(() -> restore(IntegrityCheck.FULL))
			.withStackTraceContaining("index i");
	}

	@Test
	void damageBesideWhatCannotBeCheckedIsFound() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE VIRTUAL TABLE note_fts USING fts5(body)", "CREATE TABLE t(v)", "CREATE INDEX i ON t(v)",
					"INSERT INTO t VALUES(1)", "PRAGMA writable_schema=ON",
					"UPDATE sqlite_schema SET sql = replace(sql, '(body)', '(body, tokenize=''mine'')') WHERE name='note_fts'",
					"UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 't') WHERE name = 'i'",
					"PRAGMA writable_schema=OFF");
			app.sync();
			assertThat(app.database().verify().outcome()).isEqualTo(VerificationOutcome.FAILED);
		}
		assertThatExceptionOfType(RestoreFailedException.class).isThrownBy(() -> restore(IntegrityCheck.QUICK))
			.withStackTraceContaining("damaged");
	}

	private void index(String before, String after) throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(a, b)", before, "INSERT INTO t VALUES(1, 2)", "PRAGMA writable_schema=ON",
					"UPDATE sqlite_schema SET sql = '" + after + "' WHERE name='i'", "PRAGMA writable_schema=RESET");
			app.sync();
		}
	}

	private static void requireVerified(VerificationResult result, String finding) {
		assertThat(result.outcome()).as(result.detail()).isEqualTo(VerificationOutcome.VERIFIED);
		assertThat(result.detail()).contains(finding);
	}

	private RestoreResult restore(IntegrityCheck check) {
		Path path = this.directory.resolve("restored-" + check).resolve("app.db");
		try (LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path)
				.restoreOnStartup(RestoreOnStartup.IF_MISSING)
				.integrityCheck(check)
				.build(), new FileReplicaClient(this.directory.resolve("replica")))
			.build()) {
			return engine.restore().get(0);
		}
	}

}
