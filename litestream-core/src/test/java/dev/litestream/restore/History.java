package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.ReplicaClient;
import org.sqlite.SQLiteConnection;

/**
 * A replica's history made from images of a database: one TXID per image, each level 0
 * file the pages that differ from the image before.
 */
final class History {

	static final Instant EPOCH = Instant.parse("2026-08-19T12:00:00Z");

	private final ReplicaClient client;

	private final int pageSize;

	/** Holds the image at each TXID: together they would fill the tests' heap. */
	private final Path images;

	private int last;

	History(ReplicaClient client, int pageSize, Path temp) throws IOException {
		this.client = client;
		this.pageSize = pageSize;
		this.images = Files.createTempDirectory(temp, "history");
	}

	/** The database's state now, in WAL mode or not, with what is still in its WAL. */
	static byte[] image(Connection connection) throws SQLException {
		return connection.unwrap(SQLiteConnection.class).serialize("main");
	}

	/** Adds a state and writes its level 0 file. */
	LtxFileInfo add(byte[] image) throws IOException {
		Files.write(path(++this.last), image);
		return write(0, last(), last());
	}

	/** Writes a snapshot of the newest state. */
	LtxFileInfo snapshot() throws IOException {
		return write(ReplicaClient.SNAPSHOT_LEVEL, 1, last());
	}

	/** Writes the file of a range. */
	LtxFileInfo write(int level, int min, int max) throws IOException {
		return this.client.write(level, new Txid(min), new Txid(max), at(max),
				new ByteArrayInputStream(encode(min, max)));
	}

	byte[] encode(int min, int max) throws IOException {
		return encode(min, max, List.of());
	}

	/** Encodes the file of a range without some of its pages. */
	byte[] encode(int min, int max, List<Long> left) throws IOException {
		byte[] before = image(min - 1);
		byte[] after = image(max);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		long commit = after.length / this.pageSize;
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, this.pageSize, commit, new Txid(min), new Txid(max),
				at(max).toEpochMilli(), 0, 0, 0, 0, 0, 0);
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (long pgno = 1; pgno <= commit; pgno++) {
				int from = (int) (pgno - 1) * this.pageSize;
				int to = from + this.pageSize;
				boolean same = to <= before.length && Arrays.equals(before, from, to, after, from, to);
				if (!same && !left.contains(pgno)) {
					writer.writePage(pgno, after, from);
				}
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	/** The image at a TXID; the one at 0 is empty. */
	byte[] image(int txid) throws IOException {
		return (txid == 0) ? new byte[0] : Files.readAllBytes(path(txid));
	}

	private Path path(int txid) {
		return this.images.resolve(Integer.toString(txid));
	}

	int last() {
		return this.last;
	}

	static Instant at(int txid) {
		return EPOCH.plusSeconds(txid);
	}

}
