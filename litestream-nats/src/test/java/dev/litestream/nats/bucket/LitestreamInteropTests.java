package dev.litestream.nats.bucket;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.LtxListing;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import dev.litestream.test.Oracle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Buckets shared with the real litestream.
 */
@NatsServerTest
@Timeout(180)
class LitestreamInteropTests {

	private static int buckets;

	private final NatsServer server;

	private final String theirs = "theirs-" + (++buckets);

	private final String ours = "ours-" + buckets;

	private final RawBucket rawTheirs;

	private final RawBucket rawOurs;

	private final NatsReplicaClient reader;

	private final NatsReplicaClient writer;

	@TempDir
	private Path folder;

	LitestreamInteropTests(NatsServer server) throws Exception {
		this.server = server;
		this.rawTheirs = new RawBucket(server.url(), this.theirs).create();
		this.rawOurs = new RawBucket(server.url(), this.ours).create();
		this.reader = new NatsReplicaClient(NatsReplicaUrl.parse(server.url(this.theirs)).toOptions().build());
		this.writer = new NatsReplicaClient(NatsReplicaUrl.parse(server.url(this.ours)).toOptions().build());
	}

	@BeforeEach
	void replicate() throws Exception {
		execute("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)",
				"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO t SELECT randomblob(4000) FROM n");
		Oracle.replicateOnce(database(), this.server.url(this.theirs));
		execute("INSERT INTO t VALUES ('small')");
		Oracle.replicateOnce(database(), this.server.url(this.theirs), "-force-snapshot");
		execute("DELETE FROM t WHERE rowid % 3 = 0");
		Oracle.replicateOnce(database(), this.server.url(this.theirs));
	}

	@AfterEach
	void close() throws Exception {
		this.reader.close();
		this.writer.close();
		this.rawTheirs.close();
		this.rawOurs.close();
	}

	@Test
	void whatLitestreamWroteIsListedAndRead() throws Exception {
		List<LtxFileInfo> files = files();
		assertThat(files).extracting(LtxFileInfo::level).contains(0, 9);
		for (LtxFileInfo file : files) {
			byte[] content = read(file);
			assertThat(content).hasSize((int) file.size()).startsWith("LTX1".getBytes(StandardCharsets.US_ASCII));
			assertThat(content).isEqualTo(this.rawTheirs.content(name(file)));
		}
		for (int level = 0; level < 10; level++) {
			assertThat(this.reader.list(level).files())
				.extracting((file) -> new Oracle.LtxFile(file.level(), file.minTxid().value(), file.maxTxid().value(),
						file.size(), file.createdAt().truncatedTo(java.time.temporal.ChronoUnit.SECONDS)))
				.containsExactlyElementsOf(Oracle.ltx(this.server.url(this.theirs), level));
		}
	}

	@Test
	void objectsAreWrittenToTheByteAsLitestreamWritesThem() throws Exception {
		for (LtxFileInfo file : files()) {
			String name = name(file);
			LtxFileInfo copy = copy(file);
			assertThat(copy).isEqualTo(file);
			ObjectMeta their = this.rawTheirs.meta(name);
			ObjectMeta our = this.rawOurs.meta(name);
			assertThat(our.chunks()).isEqualTo((file.size() + 131071) / 131072);
			// the client's choice: the id, and where it cuts
			String expected = json(this.rawTheirs, name).replace(their.nuid(), our.nuid())
				.replace("\"bucket\":\"" + this.theirs, "\"bucket\":\"" + this.ours)
				.replace("\"chunks\":" + their.chunks(), "\"chunks\":" + our.chunks());
			assertThat(json(this.rawOurs, name)).isEqualTo(expected);
			assertThat(this.rawOurs.content(name)).isEqualTo(this.rawTheirs.content(name));
			assertThat(our.nuid()).matches("[0-9A-Za-z]{22}");
			assertThat(their.nuid()).matches("[0-9A-Za-z]{22}");
			assertThat(this.rawOurs.metaMessage(name).getHeaders().get("Nats-Rollup")).containsExactly("sub");
			assertThat(this.rawTheirs.metaMessage(name).getHeaders().get("Nats-Rollup")).containsExactly("sub");
		}
	}

	@Test
	void litestreamListsAndRestoresWhatWeWrote() throws Exception {
		for (LtxFileInfo file : files()) {
			copy(file);
		}
		for (int level = 0; level < 10; level++) {
			assertThat(Oracle.ltx(this.server.url(this.ours), level))
				.isEqualTo(Oracle.ltx(this.server.url(this.theirs), level));
		}
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(this.server.url(this.ours), restored);
		Databases.checkpoint(database());
		Databases.sameContent(restored, database());
		assertThat(Databases.integrity(restored)).isEqualTo("ok");
	}

	@Test
	void litestreamGoesOnWhereFilesWereDeletedAndWritten() throws Exception {
		for (LtxFileInfo file : files()) {
			copy(file);
		}
		LtxFileInfo newest = this.writer.list(0).files().get(this.writer.list(0).files().size() - 1);
		this.writer.delete(List.of(newest));
		assertThat(Oracle.ltx(this.server.url(this.ours), 0)).hasSize(this.writer.list(0).files().size());
		copy(newest);
		execute("INSERT INTO t VALUES ('later')");
		Oracle.replicateOnce(database(), this.server.url(this.ours));
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(this.server.url(this.ours), restored);
		Databases.checkpoint(database());
		Databases.sameContent(restored, database());
	}

	private List<LtxFileInfo> files() throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (LtxListing listing : this.reader.listAll()) {
			files.addAll(listing.files());
		}
		return files;
	}

	private LtxFileInfo copy(LtxFileInfo file) throws Exception {
		return this.writer.write(file.level(), file.minTxid(), file.maxTxid(), file.createdAt(),
				new ByteArrayInputStream(read(file)));
	}

	private byte[] read(LtxFileInfo file) throws Exception {
		try (InputStream in = this.reader.read(file)) {
			return in.readAllBytes();
		}
	}

	private static String name(LtxFileInfo file) {
		return "ltx/" + file.level() + "/" + file.fileName();
	}

	private static String json(RawBucket bucket, String name) throws Exception {
		return new String(bucket.metaMessage(name).getData(), StandardCharsets.UTF_8);
	}

	private Path database() {
		return this.folder.resolve("app.db");
	}

	private void execute(String... statements) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
