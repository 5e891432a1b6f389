package dev.litestream.continuity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.test.Hazard;
import dev.litestream.wal.WalHeader;
import dev.litestream.wal.WalReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a WAL is older than what was shipped from it, while others checkpoint it.
 */
class ContinuityTests {

	private static final int PAGE_SIZE = 4096;

	private static final int FRAME_SIZE = 24 + PAGE_SIZE;

	@TempDir
	Path directory;

	private Path wal;

	@BeforeEach
	void commit() throws Exception {
		Path database = this.directory.resolve("app.db");
		this.wal = this.directory.resolve("copy-wal");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(v)");
			statement.execute("INSERT INTO t VALUES('one')");
			Files.copy(this.directory.resolve("app.db-wal"), this.wal);
		}
	}

	@Test
	void aWalThatHoldsWhatWasShippedIsNotBehind() throws Exception {
		try (WalReader reader = open()) {
			assertThat(Continuity.isBehind(reader, shippedToTheEnd())).isFalse();
		}
	}

	@Test
	@Hazard("A12")
	void aWalWithoutTheLastFramesIsBehind() throws Exception {
		LtxHeader shipped = shippedToTheEnd();
		truncate(Files.size(this.wal) - FRAME_SIZE);
		try (WalReader reader = open()) {
			assertThat(Continuity.isBehind(reader, shipped)).isTrue();
		}
	}

	@Test
	void aWalThatIsTruncatedWhileItIsComparedIsNotBehind() throws Exception {
		LtxHeader shipped = shippedToTheEnd();
		try (WalReader reader = open()) {
			// The checkpoint of another process: all frames are in the database.
			truncate(0);
			assertThat(Continuity.isBehind(reader, shipped)).isFalse();
		}
	}

	@Test
	void aWalThatIsStartedAnewWhileItIsComparedIsNotBehind() throws Exception {
		LtxHeader shipped = shippedToTheEnd();
		try (WalReader reader = open()) {
			// Another process has checkpointed it, and its next commit begins at the
			// start.
			truncate(WalHeader.SIZE);
			overwrite(16, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 });
			assertThat(Continuity.isBehind(reader, shipped)).isFalse();
		}
	}

	private WalReader open() throws IOException {
		WalReader reader = WalReader.open(this.wal);
		assertThat(reader).isNotNull();
		return reader;
	}

	private LtxHeader shippedToTheEnd() throws IOException {
		ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(this.wal));
		return new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, 2, new Txid(2), new Txid(2), 0, 0, WalHeader.SIZE,
				header.capacity() - WalHeader.SIZE, header.getInt(16), header.getInt(20), 0);
	}

	private void truncate(long size) throws IOException {
		try (FileChannel file = FileChannel.open(this.wal, StandardOpenOption.WRITE)) {
			file.truncate(size);
		}
	}

	private void overwrite(long offset, byte[] bytes) throws IOException {
		try (FileChannel file = FileChannel.open(this.wal, StandardOpenOption.WRITE)) {
			file.write(ByteBuffer.wrap(bytes), offset);
		}
	}

}
