package dev.litestream.compaction;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.ReplicaClient;

/**
 * Valid LTX files that are not quite what they should be.
 */
final class LevelFiles {

	private LevelFiles() {
	}

	/** Puts a file into a level under the name that its header gives. */
	static void write(ReplicaClient client, int level, byte[] file) throws IOException {
		LtxHeader header = LtxHeader.decode(file, 0);
		client.write(level, header.minTxid(), header.maxTxid(), header.createdAt(), new ByteArrayInputStream(file));
	}

	static byte[] withTimestamp(byte[] file, long timestamp) throws IOException {
		return rewrite(file, timestamp, 0);
	}

	/** Every page differs. */
	static byte[] changed(byte[] file) throws IOException {
		return rewrite(file, LtxHeader.decode(file, 0).timestamp(), 1);
	}

	private static byte[] rewrite(byte[] file, long timestamp, int change) throws IOException {
		LtxHeader old = LtxHeader.decode(file, 0);
		LtxHeader header = new LtxHeader(old.flags(), old.pageSize(), old.commit(), old.minTxid(), old.maxTxid(),
				timestamp, 0, 0, 0, 0, 0, 0);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(file), "file");
				LtxWriter writer = new LtxWriter(out, header)) {
			byte[] page = new byte[old.pageSize()];
			for (long pgno = reader.nextPage(page); pgno != 0; pgno = reader.nextPage(page)) {
				page[0] += (byte) change;
				writer.writePage(pgno, page, 0);
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	/** The content with one byte changed in its middle. */
	static InputStream flipped(InputStream content) throws IOException {
		try (content) {
			byte[] bytes = content.readAllBytes();
			bytes[bytes.length / 2] ^= 1;
			return new ByteArrayInputStream(bytes);
		}
	}

}
