package dev.litestream.compaction;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.ChildProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Memory does not depend on the number or the size of the files that are merged.
 */
class CompactionMemoryTests {

	private static final int PAGE_SIZE = 4096;

	private static final int FILES = 1200;

	@TempDir
	Path directory;

	@Test
	void manyFilesAndALargeOneAreMergedInASmallHeap() throws Exception {
		// page 1 to 20000 in the first file, 80 MB that do not compress
		write(1, 20_000, 1, 20_000);
		for (int txid = 2; txid <= FILES; txid++) {
			write(txid, 20_000, 1 + (txid * 13L) % 19_000, 10);
		}
		String output = ChildProcess.output(Duration.ofMinutes(3),
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx40m", "-cp",
						System.getProperty("java.class.path"), CompactionMemoryTests.class.getName(),
						this.directory.toString()));
		assertThat(output).contains("compacted 1-" + FILES, "snapshot 1-" + FILES);
	}

	private void write(int txid, long commit, long from, int pages) throws IOException {
		Path path = this.directory.resolve("replica/ltx/0").resolve(LtxFileName.of(new Txid(txid), new Txid(txid)));
		Files.createDirectories(path.getParent());
		Random random = new Random(txid);
		byte[] page = new byte[PAGE_SIZE];
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, commit, new Txid(txid), new Txid(txid), txid,
				0, 0, 0, 0, 0, 0);
		try (OutputStream out = Files.newOutputStream(path); LtxWriter writer = new LtxWriter(out, header)) {
			for (long pgno = from; pgno < from + pages; pgno++) {
				random.nextBytes(page);
				writer.writePage(pgno, page, 0);
			}
			writer.finish();
		}
		Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochMilli(txid)));
	}

	/**
	 * Runs in a small heap.
	 * @param args where the replica is
	 * @throws IOException if merging fails
	 */
	public static void main(String[] args) throws IOException {
		Path directory = Path.of(args[0]);
		try (FileReplicaClient client = new FileReplicaClient(directory.resolve("replica"))) {
			client.open();
			LevelWriter writer = new LevelWriter(client, directory.resolve("meta"), () -> false);
			var file = new Compactor(writer, client).compact(1, client.listAll());
			System.out.println("compacted " + file.minTxid().value() + "-" + file.maxTxid().value());
			var snapshot = new Snapshotter(writer, client.location()).snapshot(client.listAll());
			System.out.println("snapshot " + snapshot.minTxid().value() + "-" + snapshot.maxTxid().value());
		}
	}

}
