package dev.litestream.restore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.LtxListing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whatever a replica holds, a restore ends with a database or an {@link IOException},
 * soon, and with no larger file than the replica's bytes can fill. The system property
 * {@code fuzz.inputs} sets how many inputs there are for reading files; a restore is made
 * for one of 500, {@code fuzz.seed} repeats them.
 */
class RestoreFuzzTests {

	private static final int INPUTS = Math.max(1, Integer.getInteger("fuzz.inputs", 100_000) / 500);

	private static final long SEED = Long.getLong("fuzz.seed", 1);

	private static final int PAGE_SIZE = 512;

	@TempDir
	Path temp;

	@Test
	@Timeout(60)
	void databaseThatIsOnlySaidToBeLargeTakesNeitherMemoryNorDisk() throws Exception {
		for (long commit : List.of(LtxFormat.MAX_PGNO, 5_000_000L)) {
			Replica replica = new Replica(this.temp);
			replica.add(file(1, 1, 1, List.of(1L)), 1, 1);
			replica.add(file(2, 2, commit, List.of(2L, commit)), 2, 2);
			assertThatExceptionOfType(BackupGapException.class)
				.isThrownBy(() -> new Restorer().restore(replica,
						new RestoreOptions(this.temp.resolve("app.db"), RestoreTarget.LATEST, IntegrityCheck.NONE,
								false),
						null))
				.satisfies((ex) -> assertThat(ex.getSuppressed()[0]).hasMessageContaining("does not fit into"));
		}
		assertThat(this.temp.resolve("app.db")).doesNotExist();
	}

	@Test
	void everyReplicaEndsWithADatabaseOrAnException() throws Exception {
		int restored = 0;
		for (int i = 0; i < INPUTS; i++) {
			SplittableRandom random = new SplittableRandom(SEED + i);
			Replica replica = new Replica(this.temp);
			int files = 1 + random.nextInt(4);
			long min = 1;
			for (int n = 0; n < files; n++) {
				long max = min + random.nextInt(2);
				byte[] file = madeUp(min, max, random);
				if (random.nextInt(4) == 0) {
					file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
				}
				replica.add(file, min, max);
				min = max + 1 - ((random.nextInt(5) == 0) ? 1 : 0);
			}
			Path output = this.temp.resolve("app.db");
			try {
				new Restorer().restore(replica,
						new RestoreOptions(output, RestoreTarget.LATEST, IntegrityCheck.QUICK, false), null);
				restored++;
			}
			catch (IOException ex) {
				assertThat(output).doesNotExist();
			}
			catch (RuntimeException | Error ex) {
				throw new AssertionError("Input " + (SEED + i) + " (-Dfuzz.seed): " + ex, ex);
			}
			Files.deleteIfExists(output);
		}
		assertThat(restored).as("of no use if all are refused at once").isLessThan(INPUTS);
	}

	private static byte[] madeUp(long min, long max, SplittableRandom random) throws IOException {
		long commit = switch (random.nextInt(6)) {
			case 0 -> 1 + (random.nextLong() & 0xFFFF_FFFEL);
			case 1 -> LtxFormat.MAX_PGNO;
			case 2 -> LtxFormat.lockPage(PAGE_SIZE) + random.nextInt(2);
			default -> 1 + random.nextInt(6);
		};
		TreeSet<Long> pages = new TreeSet<>();
		if (min == 1) {
			commit = 1 + random.nextInt(6);
			for (long pgno = 1; pgno <= commit; pgno++) {
				pages.add(pgno);
			}
		}
		else {
			for (int n = random.nextInt(5); n > 0; n--) {
				pages.add(1 + ((random.nextBoolean() ? random.nextInt(6) : random.nextLong() >>> 1) % commit));
			}
			pages.add(commit);
			pages.remove(LtxFormat.lockPage(PAGE_SIZE));
		}
		return file(min, max, commit, List.copyOf(pages));
	}

	private static byte[] file(long min, long max, long commit, List<Long> pages) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, commit, new Txid(min), new Txid(max), 1000,
				0, 0, 0, 0, 0, 0);
		try (LtxWriter writer = new LtxWriter(out, header)) {
			for (long pgno : pages) {
				writer.writePage(pgno, new byte[PAGE_SIZE], 0);
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	/** A replica in memory. */
	private static final class Replica extends FilterReplicaClient {

		private final Map<LtxFileInfo, byte[]> files = new LinkedHashMap<>();

		Replica(Path temp) {
			super(new FileReplicaClient(temp.resolve("replica")));
		}

		void add(byte[] content, long min, long max) {
			this.files.put(new LtxFileInfo(0, new Txid(min), new Txid(max), content.length, Instant.ofEpochMilli(1000)),
					content);
		}

		@Override
		public LtxListing list(int level) {
			return new LtxListing((level == 0) ? List.copyOf(this.files.keySet()) : List.of());
		}

		@Override
		public List<LtxListing> listAll() {
			List<LtxListing> all = new ArrayList<>();
			for (int level = 0; level < LEVELS; level++) {
				all.add(list(level));
			}
			return all;
		}

		@Override
		public InputStream read(LtxFileInfo file) {
			return new ByteArrayInputStream(this.files.get(file));
		}

		@Override
		public InputStream read(LtxFileInfo file, long offset, long length) {
			return new ByteArrayInputStream(this.files.get(file), (int) offset, (int) length);
		}

	}

}
