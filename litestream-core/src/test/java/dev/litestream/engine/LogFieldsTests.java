package dev.litestream.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreOnStartup;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a log that is read by machines finds apart from the words.
 */
@Timeout(60)
class LogFieldsTests {

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger("dev.litestream");

	@TempDir
	Path directory;

	private Level level;

	@BeforeEach
	void listen() {
		this.level = this.logger.getLevel();
		this.logger.setLevel(Level.DEBUG);
		this.appender.start();
		this.logger.addAppender(this.appender);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.appender);
		this.logger.setLevel(this.level);
	}

	@Test
	void importantLinesNameDatabaseAndPosition() throws Exception {
		GatedReplica replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		String txid;
		try (Application app = new Application(this.directory, replica, (options) -> options.name("app"))) {
			app.execute("CREATE TABLE t(v)");
			app.sync();
			txid = app.status().txid().toString();
			app.database().snapshot(Application.LONG);
			app.database().verify();
			replica.shut();
			app.execute("INSERT INTO t VALUES(1)");
			await().until(() -> app.status().lastError() != null);
			replica.unshut();
			app.sync();
			await().until(() -> app.status().lastError() == null);
		}
		assertThat(fields("app: replicating to")).as("no position is known")
			.containsExactly(Map.entry("database", "app"));
		assertThat(fields("app: resynced as TXID")).containsEntry("database", "app")
			.containsKey("txid")
			.containsEntry("reason", "FIRST_SYNC");
		assertThat(fields("app: wrote 9/")).containsEntry("database", "app")
			.containsEntry("ltxLevel", "9")
			.containsEntry("txid", txid);
		assertThat(fields("app: the backup is good")).containsEntry("database", "app").containsEntry("txid", txid);
		assertThat(fields("app: The replica")).containsExactly(Map.entry("database", "app"));
		assertThat(fields("app: replication works again")).containsEntry("database", "app");
		assertThat(fields("app: everything up to TXID")).containsEntry("database", "app").containsKey("txid");
	}

	@Test
	void whatIsNotReplicatedIsWhereTheLastLineSays() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(v)", "INSERT INTO t VALUES(zeroblob(100000))");
			app.sync();
		}
		ReplicationTests.deleteRecursively(this.directory.resolve("data"));
		try (Application app = new Application(this.directory,
				(options) -> options.restoreOnStartup(RestoreOnStartup.NEVER))) {
			app.execute("PRAGMA journal_mode=WAL", "CREATE TABLE other(v)");
			await().atMost(Application.LONG).until(() -> app.status().state() == ReplicationState.FAILED);
			app.execute("INSERT INTO other VALUES(1)");
		}
		assertThat(line("app.db: NOT everything")).contains("nothing waits in ")
			.contains("app.db was not synced to the end of its WAL")
			.doesNotContain("0 bytes wait");
	}

	private String line(String start) {
		synchronized (this.appender) {
			return this.appender.list.stream()
				.map(ILoggingEvent::getFormattedMessage)
				.filter((line) -> line.startsWith(start))
				.findFirst()
				.orElseThrow();
		}
	}

	/** The fields of the first line that begins so. */
	private Map<String, String> fields(String start) {
		List<ILoggingEvent> lines;
		synchronized (this.appender) {
			lines = new ArrayList<>(this.appender.list);
		}
		ILoggingEvent line = lines.stream()
			.filter((event) -> event.getFormattedMessage().startsWith(start))
			.findFirst()
			.orElseThrow(() -> new AssertionError(start + " in " + lines));
		return (line.getKeyValuePairs() == null) ? Map.of()
				: line.getKeyValuePairs()
					.stream()
					.collect(Collectors.toMap((pair) -> pair.key, (pair) -> String.valueOf(pair.value)));
	}

}
