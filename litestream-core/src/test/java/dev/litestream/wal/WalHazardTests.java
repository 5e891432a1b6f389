package dev.litestream.wal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What SQLite and crashes do to a WAL while it is read: shrinking databases, rolled back
 * transactions, restarts, torn tails.
 */
class WalHazardTests {

	@TempDir
	Path directory;

	@Test
	void pagesBeyondTheLastCommitAreDropped() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(500, 2000);
			long before = scan(database).commit();
			database.execute("delete from t where id > 5", "vacuum");
			try (WalReader reader = open(database)) {
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(scan.commit()).isLessThan(before);
				assertThat(highestPage(scan)).isEqualTo(scan.commit());
				assertThat(scan.end().offset()).as("behind the last frame read, kept or not")
					.isEqualTo(Files.size(database.wal()));
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void shrinkIsSeenByAScanThatHasNoPageBeyondTheCommit() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096, "INCREMENTAL")) {
			database.insert(500, 2000);
			database.execute("delete from t where id > 5");
			WalReader.Scan before = scan(database);
			database.execute("pragma incremental_vacuum");
			try (WalReader reader = open(database)) {
				WalReader.Scan after = reader.scan(before.end(), 0);
				assertThat(after.commit()).isBetween(1L, before.commit() - 1);
				PageMap pages = new PageMap();
				pages.putAll(before.pages());
				pages.putAll(after.pages());
				pages.truncate(after.commit());
				assertThat(database.overlay(reader, pages, after.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void shrinkThenGrowInOneScanYieldsTheNewContent() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(500, 2000);
			long large = scan(database).commit();
			database.execute("delete from t where id > 5", "vacuum");
			long small = scan(database).commit();
			database.insert(200, 2100);
			try (WalReader reader = open(database)) {
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(scan.commit()).isBetween(small + 1, large);
				assertThat(highestPage(scan)).isEqualTo(scan.commit());
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void spilledTransactionIsInvisibleUntilItCommits() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 1024)) {
			database.insert(10, 100);
			WalPosition position = scan(database).end();
			database.execute("pragma cache_size = 10", "pragma cache_spill = 10", "begin");
			database.insert(200, 900);
			// the same pages again: their frames are rewritten in place
			database.execute("update t set v = randomblob(900)", "update t set v = randomblob(900)");
			assertThat(Files.size(database.wal())).as("spilled").isGreaterThan(position.offset() + 100_000);
			try (WalReader reader = open(database)) {
				WalReader.Scan scan = reader.scan(position, 0);
				assertThat(scan.isEmpty()).isTrue();
				assertThat(scan.pages().size()).isZero();
				assertThat(scan.end()).isEqualTo(position);
				assertThat(reader.scan(reader.header().start(), 0).end()).isEqualTo(position);
			}
			database.execute("commit");
			try (WalReader reader = open(database)) {
				assertThat(reader.holds(position)).isTrue();
				assertThat(reader.scan(position, 0).transactions()).isEqualTo(1);
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void commitAfterARollbackOverwritesSpilledFrames() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 1024)) {
			database.insert(10, 100);
			WalPosition position = scan(database).end();
			database.execute("pragma cache_size = 10", "pragma cache_spill = 10", "begin");
			database.insert(500, 900);
			database.execute("rollback");
			long size = Files.size(database.wal());
			assertThat(scan(database).end()).isEqualTo(position);
			database.execute("update t set v = x'01' where id = 3");
			assertThat(Files.size(database.wal())).isEqualTo(size);
			try (WalReader reader = open(database)) {
				assertThat(position.sameGeneration(reader.header())).isTrue();
				assertThat(reader.holds(position)).isTrue();
				WalReader.Scan scan = reader.scan(position, 0);
				assertThat(scan.transactions()).isEqualTo(1);
				assertThat(scan.end().offset()).isBetween(position.offset() + 1, size - 1);
				WalReader.Scan whole = reader.scan(reader.header().start(), 0);
				assertThat(whole.end()).isEqualTo(scan.end());
				assertThat(database.overlay(reader, whole.pages(), whole.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void positionInsideARolledBackTransactionNoLongerHolds() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 1024)) {
			database.insert(10, 100);
			WalPosition committed = scan(database).end();
			database.execute("pragma cache_size = 10", "pragma cache_spill = 10", "begin");
			database.insert(500, 900);
			byte[] wal = Files.readAllBytes(database.wal());
			int frame = (int) committed.offset();
			WalPosition inside = new WalPosition(committed.salt1(), committed.salt2(), frame + 24 + 1024,
					ByteBuffer.wrap(wal).getInt(frame + 16), ByteBuffer.wrap(wal).getInt(frame + 20));
			database.execute("rollback", "update t set v = x'01' where id = 3");
			try (WalReader reader = open(database)) {
				assertThat(reader.holds(committed)).isTrue();
				assertThat(reader.holds(inside)).isFalse();
			}
		}
	}

	@Test
	void restartWithFewerFramesIsSeenThoughTheFileKeepsItsSize() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(100, 3000);
			long size = Files.size(database.wal());
			try (WalReader old = open(database)) {
				WalReader.Scan before = old.scan(old.header().start(), 0);
				database.checkpoint();
				assertThat(old.sameHeader()).isTrue();
				database.execute("update t set v = x'01' where id = 3");
				assertThat(Files.size(database.wal())).isEqualTo(size);
				assertThat(old.sameHeader()).isFalse();
				assertThat(old.holds(old.header().start())).isFalse();
				try (WalReader reader = open(database)) {
					assertThat(before.end().sameGeneration(reader.header())).isFalse();
					WalReader.Scan scan = reader.scan(reader.header().start(), 0);
					assertThat(scan.transactions()).isEqualTo(1);
					assertThat(scan.end().offset()).isLessThan(size);
					assertThat(scan.commit()).isEqualTo(before.commit());
					assertThat(reader.holds(scan.end())).isTrue();
				}
			}
		}
	}

	@Test
	void frameOverwrittenByARestartIsNotReadForTheOldOne() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(100, 3000);
			try (WalReader old = open(database)) {
				PageMap pages = old.scan(old.header().start(), 0).pages();
				database.checkpoint();
				database.execute("update t set v = x'01' where id = 3");
				long restartedEnd = scan(database).end().offset();
				int refused = 0;
				for (int pgno : pages.sortedPages()) {
					boolean read = old.readPage(pages.offset(pgno), pgno, new byte[4096]);
					assertThat(read).isEqualTo(pages.offset(pgno) >= restartedEnd);
					refused += read ? 0 : 1;
				}
				assertThat(refused).isBetween(1, pages.size() - 1);
			}
		}
	}

	@Test
	void scansBesideARunningWriterFindEveryTransactionOnce() throws Exception {
		int commits = 400;
		try (WalDatabase database = WalDatabase.create(this.directory, 1024)) {
			database.execute("pragma cache_size = 10", "pragma cache_spill = 10");
			database.insert(1, 10);
			WalPosition position = scan(database).end();
			FutureTask<Void> writer = new FutureTask<>(() -> {
				for (int i = 0; i < commits; i++) {
					database.insert(1 + i % 60, 800);
				}
				return null;
			});
			new Thread(writer).start();
			int transactions = 0;
			boolean done;
			do {
				done = writer.isDone();
				try (WalReader reader = open(database)) {
					assertThat(reader.holds(position)).isTrue();
					WalReader.Scan scan = reader.scan(position, 0);
					transactions += scan.transactions();
					position = scan.end();
				}
			}
			while (!done);
			writer.get();
			assertThat(transactions).isEqualTo(commits);
			try (WalReader reader = open(database)) {
				WalReader.Scan whole = reader.scan(reader.header().start(), 0);
				assertThat(whole.end()).isEqualTo(position);
				assertThat(database.overlay(reader, whole.pages(), whole.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	@Tag("slow")
	void pageThatARestartOverwritesWhileItIsReadIsRefused() throws Exception {
		int pageSize = 65536;
		Path wal = this.directory.resolve("racing-wal");
		byte[] old = oneFrame(pageSize, 1, (byte) 'a');
		byte[] restarted = oneFrame(pageSize, 2, (byte) 'b');
		byte[] expected = Arrays.copyOfRange(old, 56, old.length);
		byte[] page = new byte[pageSize];
		ExecutorService writer = Executors.newSingleThreadExecutor();
		try {
			for (int round = 0; round < 4000; round++) {
				Files.write(wal, old);
				try (WalReader reader = WalReader.open(wal)) {
					assertThat(reader).isNotNull();
					assertThat(reader.readPage(32, 1, page)).isTrue();
					Future<?> restart = writer.submit(() -> restart(wal, restarted));
					boolean done;
					do {
						done = restart.isDone();
						boolean read = reader.readPage(32, 1, page);
						assertThat(!read || Arrays.equals(page, expected)).as("refused or the old page").isTrue();
					}
					while (!done);
					restart.get();
					assertThat(reader.readPage(32, 1, page)).isFalse();
				}
			}
		}
		finally {
			writer.shutdown();
		}
	}

	/** In SQLite's order: header of the log, header of the frame, page. */
	private static Void restart(Path wal, byte[] bytes) throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(wal.toFile(), "rw")) {
			file.write(bytes, 0, 32);
			file.write(bytes, 32, 24);
			file.write(bytes, 56, bytes.length - 56);
			return null;
		}
	}

	private static byte[] oneFrame(int pageSize, int salt, byte content) {
		byte[] wal = new byte[32 + 24 + pageSize];
		ByteBuffer fields = ByteBuffer.wrap(wal);
		fields.putInt(0x377f0682).putInt(3007000).putInt(pageSize).putInt(0).putInt(salt).putInt(salt);
		fields.position(32).putInt(1).putInt(1).putInt(salt).putInt(salt);
		Arrays.fill(wal, 56, wal.length, content);
		return WalBytes.sealed(wal);
	}

	@Test
	@Hazard("B3")
	void scanEndsBehindALastFrameThatLiesBeyondTheCommit() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			int frame = (int) log.second.offset() - 24 - 512;
			int pgno = ByteBuffer.wrap(log.wal).getInt(frame);
			Path wal = this.directory.resolve("pruned-wal");
			Files.write(wal, WalBytes.with(log.wal, frame + 4, pgno - 1));
			try (WalReader reader = WalReader.open(wal)) {
				assertThat(reader).isNotNull();
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(scan.pages().offset(pgno)).isNegative();
				assertThat(scan.end().offset()).isEqualTo(log.second.offset());
				assertThat(reader.holds(scan.end())).isTrue();
				assertThat(reader.scan(scan.end(), 0).isEmpty()).isTrue();
			}
		}
	}

	@Test
	@Hazard("B5")
	void logTornAtAnyByteEndsBeforeTheTornTransaction() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			Path torn = this.directory.resolve("torn-wal");
			for (int length = (int) log.first.offset(); length < log.second.offset(); length++) {
				Files.write(torn, Arrays.copyOf(log.wal, length));
				assertEndsAt(torn, log.first);
			}
			Files.write(torn, log.wal);
			assertEndsAt(torn, log.second);
		}
	}

	@Test
	void anyByteFlippedEndsTheLogBeforeItsTransaction() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			Path flipped = this.directory.resolve("flipped-wal");
			for (int offset = (int) log.first.offset(); offset < log.second.offset(); offset++) {
				Files.write(flipped, WalBytes.flipped(log.wal, offset, 1 << (offset % 8)));
				assertEndsAt(flipped, log.first);
			}
		}
	}

	@Test
	void pageZeroEndsTheLogThoughTheChecksumMatches() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			Path wal = this.directory.resolve("zero-wal");
			Files.write(wal, WalBytes.with(log.wal, (int) log.first.offset(), 0));
			assertEndsAt(wal, log.first);
		}
	}

	@Test
	void foreignSaltsEndTheLogThoughTheChecksumMatches() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			Path wal = this.directory.resolve("salts-wal");
			for (int salt : new int[] { 8, 12 }) {
				Files.write(wal, WalBytes.flipped(log.wal, (int) log.first.offset() + salt, 1));
				assertEndsAt(wal, log.first);
			}
		}
	}

	@Test
	void pageNumbersAndCommitAreUnsigned() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 512)) {
			TwoTransactions log = TwoTransactions.write(database);
			int frame = (int) log.second.offset() - 24 - 512;
			Path wal = this.directory.resolve("huge-wal");
			Files.write(wal, WalBytes.with(WalBytes.with(log.wal, frame, 0xffff_fff0), frame + 4, 0xffff_fffe));
			try (WalReader reader = WalReader.open(wal)) {
				assertThat(reader).isNotNull();
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(scan.commit()).isEqualTo(0xffff_fffeL);
				assertThat(scan.pages().offset(0xffff_fff0L)).isEqualTo(frame);
				assertThat(reader.readPage(frame, 0xffff_fff0L, new byte[512])).isTrue();
			}
		}
	}

	@ParameterizedTest
	@Hazard("B9")
	@ValueSource(ints = { 512, 4096, 65536 })
	void checksumsInTheOtherByteOrderAreReadAsSqliteReadsThem(int pageSize) throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, pageSize)) {
			database.insert(30, 1000);
			database.execute("delete from t where id % 3 = 0");
			byte[] wal = Files.readAllBytes(database.wal());
			int magic = ByteBuffer.wrap(wal).getInt(0);
			byte[] other = WalBytes.with(wal, 0, magic ^ 1);
			assertThat(WalBytes.sealed(wal)).as("what SQLite wrote").isEqualTo(wal);
			Path copy = Files.createDirectory(this.directory.resolve("copy")).resolve("app.db");
			Path copiedWal = copy.resolveSibling("app.db-wal");
			Files.write(copy, database.base());
			Files.write(copiedWal, other);
			try (WalReader reader = WalReader.open(copiedWal)) {
				assertThat(reader).isNotNull();
				assertThat(reader.header().bigEndianChecksum()).isEqualTo(magic == 0x377f0682);
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(scan.transactions()).isEqualTo(2);
				assertThat(scan.end().offset()).isEqualTo(other.length);
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
			}
			try (Connection connection = WalDatabase.connect(copy)) {
				assertThat(WalDatabase.count(connection)).as("rows that SQLite sees").isEqualTo(20);
			}
		}
	}

	private static void assertEndsAt(Path wal, WalPosition end) throws IOException {
		try (WalReader reader = WalReader.open(wal)) {
			assertThat(reader).isNotNull();
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			assertThat(scan.end()).isEqualTo(end);
		}
	}

	private static long highestPage(WalReader.Scan scan) {
		int[] pages = scan.pages().sortedPages();
		return Integer.toUnsignedLong(pages[pages.length - 1]);
	}

	private static WalReader.Scan scan(WalDatabase database) throws IOException {
		try (WalReader reader = open(database)) {
			return reader.scan(reader.header().start(), 0);
		}
	}

	private static WalReader open(WalDatabase database) throws IOException {
		WalReader reader = WalReader.open(database.wal());
		assertThat(reader).isNotNull();
		return reader;
	}

	/** A log of two transactions, the second of several frames. */
	private record TwoTransactions(byte[] wal, WalPosition first, WalPosition second) {

		static TwoTransactions write(WalDatabase database) throws SQLException, IOException {
			database.insert(1, 10);
			WalPosition first = scan(database).end();
			database.insert(3, 300);
			WalPosition second = scan(database).end();
			assertThat(second.offset()).isGreaterThanOrEqualTo(first.offset() + 3 * (24 + 512));
			byte[] wal = Files.readAllBytes(database.wal());
			assertThat(wal).hasSize((int) second.offset());
			return new TwoTransactions(wal, first, second);
		}

	}

}
