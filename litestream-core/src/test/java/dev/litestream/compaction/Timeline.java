package dev.litestream.compaction;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica's history of random small databases that grow, shrink and change; every state
 * is remembered. Timestamps never go back, as those of a sync do not.
 */
final class Timeline {

	private static final int PAGE_SIZE = 512;

	private final ReplicaClient client;

	private final Path directory;

	private final Random random;

	private final List<byte[]> images = new ArrayList<>(List.of(new byte[0]));

	private long lastTimestamp;

	private int restores;

	Timeline(ReplicaClient client, Path directory, long seed) {
		this.client = client;
		this.directory = directory;
		this.random = new Random(seed);
	}

	/** Commits something and uploads its raw file. */
	LtxFileInfo commit(Instant at) throws IOException {
		this.lastTimestamp = Math.max(this.lastTimestamp, at.toEpochMilli());
		this.images.add(next());
		return write(0, last(), last());
	}

	private byte[] next() {
		byte[] before = this.images.get(last());
		int pages = before.length / PAGE_SIZE;
		int change = this.random.nextInt(10);
		int size = (pages == 0 || change == 0) ? 1 + this.random.nextInt(12)
				: (change == 1) ? 1 + this.random.nextInt(pages) : pages + ((change == 2) ? 3 : 0);
		byte[] after = Arrays.copyOf(before, size * PAGE_SIZE);
		for (int pgno = 1; pgno <= size; pgno++) {
			if (pgno > pages || this.random.nextInt(4) == 0) {
				byte[] page = new byte[PAGE_SIZE];
				this.random.nextBytes(page);
				System.arraycopy(page, 0, after, (pgno - 1) * PAGE_SIZE, PAGE_SIZE);
			}
		}
		return after;
	}

	/** Writes the file of a range, as another program would. */
	LtxFileInfo write(int level, int min, int max) throws IOException {
		return this.client.write(level, new Txid(min), new Txid(max), Instant.ofEpochMilli(this.lastTimestamp),
				new ByteArrayInputStream(encode(min, max)));
	}

	byte[] encode(int min, int max) throws IOException {
		byte[] before = this.images.get(min - 1);
		byte[] after = this.images.get(max);
		// a page that was cut off meanwhile counts as changed even if it looks the same
		int smallest = before.length;
		for (int txid = min; txid <= max; txid++) {
			smallest = Math.min(smallest, this.images.get(txid).length);
		}
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, after.length / PAGE_SIZE, new Txid(min),
				new Txid(max), this.lastTimestamp, 0, 0, 0, 0, 0, 0);
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (int from = 0; from < after.length; from += PAGE_SIZE) {
				int to = from + PAGE_SIZE;
				if (to > smallest || !Arrays.equals(before, from, to, after, from, to)) {
					writer.writePage(from / PAGE_SIZE + 1, after, from);
				}
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	int last() {
		return this.images.size() - 1;
	}

	Txid lastTxid() {
		return new Txid(last());
	}

	byte[] image(Txid txid) {
		return this.images.get((int) txid.value());
	}

	/** Requires that the newest state restores to the byte. */
	void requireLatest() throws IOException {
		assertThat(restore(RestoreTarget.LATEST)).isEqualTo(image(lastTxid()));
	}

	/** Requires that a position restores to the byte. */
	void require(Txid txid) throws IOException {
		assertThat(restore(RestoreTarget.of(txid))).as("the state at %s", txid).isEqualTo(image(txid));
	}

	private byte[] restore(RestoreTarget target) throws IOException {
		Path output = this.directory.resolve("restored-" + ++this.restores);
		try {
			new Restorer().restore(this.client, new RestoreOptions(output, target, IntegrityCheck.NONE, false), null);
			return Files.readAllBytes(output);
		}
		finally {
			Files.deleteIfExists(output);
		}
	}

	List<LtxFileInfo> files(int level) throws IOException {
		return this.client.list(level).files();
	}

	List<LtxListing> listings() throws IOException {
		return this.client.listAll();
	}

	/** The names of a level's files without leading zeros: {@code 1-4}. */
	List<String> names(int level) throws IOException {
		return files(level).stream()
			.map((file) -> Long.toString(file.minTxid().value()) + "-" + file.maxTxid().value())
			.toList();
	}

}
