package dev.litestream.wal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link WalReader}.
 */
class WalReaderTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 4096, 65536 })
	void readsWhatWasCommitted(int pageSize) throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, pageSize)) {
			database.insert(200, 3000);
			database.insert(50, 10);
			try (WalReader reader = open(database)) {
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				assertThat(reader.header().pageSize()).isEqualTo(pageSize);
				assertThat(scan.transactions()).isEqualTo(2);
				assertThat(scan.limited()).isFalse();
				assertThat(scan.end().offset()).isEqualTo(Files.size(database.wal()));
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
			}
		}
	}

	@Test
	void goesOnFromTheEndOfTheLastScan() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(10, 100);
			WalPosition end;
			try (WalReader reader = open(database)) {
				end = reader.scan(reader.header().start(), 0).end();
				WalReader.Scan again = reader.scan(end, 0);
				assertThat(again.isEmpty()).isTrue();
				assertThat(again.commit()).isZero();
				assertThat(again.end()).isEqualTo(end);
				assertThat(again.pages().size()).isZero();
			}
			database.execute("update t set v = x'00' where id = 1");
			try (WalReader reader = open(database)) {
				assertThat(reader.holds(end)).isTrue();
				WalReader.Scan scan = reader.scan(end, 0);
				assertThat(scan.transactions()).isEqualTo(1);
				assertThat(scan.end()).isEqualTo(reader.scan(reader.header().start(), 0).end());
			}
		}
	}

	@Test
	void missingFileIsNoLog() throws Exception {
		assertThat(WalReader.open(this.directory.resolve("none-wal"))).isNull();
		assertThat(WalReader.open(this.directory.resolve("no/such/directory/none-wal"))).isNull();
	}

	@Test
	void fileThatCannotBeOpenedIsAnError() {
		assertThatIOException().isThrownBy(() -> WalReader.open(this.directory));
	}

	@Test
	void scansInPiecesMeetTheScanInOneGo() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 1024)) {
			for (int i = 0; i < 40; i++) {
				database.insert(1 + i % 7, 700);
			}
			try (WalReader reader = open(database)) {
				WalReader.Scan whole = reader.scan(reader.header().start(), 0);
				List<Integer> pieces = new ArrayList<>();
				for (long maxBytes : new long[] { 1, reader.header().frameSize(), 20_000, whole.end().offset() }) {
					pieces.add(assertPieces(reader, whole, maxBytes));
				}
				assertThat(pieces.get(0)).as("one transaction at least, however small the limit").isEqualTo(40);
				assertThat(pieces.get(2)).isBetween(2, 39);
				assertThat(pieces.get(3)).isEqualTo(1);
			}
		}
	}

	private static int assertPieces(WalReader reader, WalReader.Scan whole, long maxBytes) throws IOException {
		PageMap pages = new PageMap();
		WalPosition position = reader.header().start();
		long commit = 0;
		int transactions = 0;
		int pieces = 0;
		WalReader.Scan piece;
		do {
			piece = reader.scan(position, maxBytes);
			if (!piece.isEmpty()) {
				pieces++;
				long bytes = piece.end().offset() - position.offset();
				assertThat(piece.limited()).isEqualTo(bytes >= maxBytes);
				pages.putAll(piece.pages());
				pages.truncate(piece.commit());
				commit = piece.commit();
				transactions += piece.transactions();
			}
			position = piece.end();
		}
		while (piece.limited());
		assertThat(position).isEqualTo(whole.end());
		assertThat(commit).isEqualTo(whole.commit());
		assertThat(transactions).isEqualTo(whole.transactions());
		assertSamePages(pages, whole.pages());
		return pieces;
	}

	private static void assertSamePages(PageMap actual, PageMap expected) {
		assertThat(actual.sortedPages()).isEqualTo(expected.sortedPages());
		for (int page : expected.sortedPages()) {
			assertThat(actual.offset(page)).isEqualTo(expected.offset(page));
		}
	}

	@Test
	void limitIsReachedByExactlySoManyBytes() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(5, 2000);
			database.insert(5, 2000);
			try (WalReader reader = open(database)) {
				WalPosition start = reader.header().start();
				WalPosition first = reader.scan(start, 1).end();
				long bytes = first.offset() - start.offset();
				assertThat(reader.scan(start, bytes).end()).isEqualTo(first);
				assertThat(reader.scan(start, bytes + 1).end()).isEqualTo(reader.scan(start, 0).end());
			}
		}
	}

	@Test
	void scanToEndsThereThoughMoreFollows() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(10, 2000);
			WalReader.Scan first;
			try (WalReader reader = open(database)) {
				first = reader.scan(reader.header().start(), 0);
			}
			byte[] image = database.image();
			database.insert(300, 2000);
			try (WalReader reader = open(database)) {
				WalPosition start = reader.header().start();
				WalReader.Scan scan = reader.scanTo(start, first.end());
				assertThat(scan.end()).isEqualTo(first.end());
				assertThat(scan.limited()).isFalse();
				assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(image);
				assertThat(reader.scanTo(start, start).isEmpty()).isTrue();
				assertThatIllegalArgumentException().isThrownBy(() -> reader.scanTo(first.end(), start))
					.withMessageContaining("before the start");
			}
		}
	}

	@Test
	void scanToEndsBeforeAFrameThatIsNoLongerTheOneMeant() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			database.insert(1, 10);
			try (WalReader reader = open(database)) {
				WalPosition start = reader.header().start();
				WalPosition first = reader.scan(start, 1).end();
				WalPosition second = reader.scan(start, 0).end();
				assertThat(reader.scanTo(start, second).end()).isEqualTo(second);
				assertThat(reader.holds(second)).isTrue();
				for (int[] change : new int[][] { { 1, 0 }, { 0, 1 } }) {
					WalPosition other = new WalPosition(second.salt1(), second.salt2(), second.offset(),
							second.checksum1() + change[0], second.checksum2() + change[1]);
					assertThat(reader.scanTo(start, other).end()).isEqualTo(first);
					assertThat(reader.holds(other)).isFalse();
				}
			}
		}
	}

	@Test
	void refusesAPositionOfAnotherGenerationOrInsideAFrame() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			try (WalReader reader = open(database)) {
				WalPosition start = reader.header().start();
				WalPosition end = reader.scan(start, 0).end();
				for (WalPosition wrong : List.of(
						new WalPosition(start.salt1() + 1, start.salt2(), 32, start.checksum1(), start.checksum2()),
						new WalPosition(start.salt1(), start.salt2() + 1, 32, start.checksum1(), start.checksum2()),
						new WalPosition(start.salt1(), start.salt2(), 33, start.checksum1(), start.checksum2()),
						new WalPosition(start.salt1(), start.salt2(), 0, start.checksum1(), start.checksum2()))) {
					assertThatIllegalArgumentException().isThrownBy(() -> reader.scan(wrong, 0));
					assertThatIllegalArgumentException().isThrownBy(() -> reader.scanTo(start, wrong));
					assertThatIllegalArgumentException().isThrownBy(() -> reader.scanTo(wrong, end));
					assertThat(reader.holds(wrong)).isFalse();
				}
			}
		}
	}

	@Test
	void positionBehindTheHeaderHoldsIfTheHeaderIsTheSame() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			try (WalReader reader = open(database)) {
				WalPosition start = reader.header().start();
				assertThat(reader.holds(start)).isTrue();
				assertThat(reader.holds(new WalPosition(start.salt1(), start.salt2(), start.offset(), start.checksum1(),
						start.checksum2() + 1)))
					.isFalse();
			}
		}
	}

	@Test
	void positionBeyondTheFileDoesNotHold() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			try (WalReader reader = open(database)) {
				WalPosition end = reader.scan(reader.header().start(), 0).end();
				assertThat(reader.holds(new WalPosition(end.salt1(), end.salt2(),
						end.offset() + 100L * reader.header().frameSize(), end.checksum1(), end.checksum2())))
					.isFalse();
			}
		}
	}

	@Test
	void readPageRefusesAFrameOfAnotherPage() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(10, 2000);
			try (WalReader reader = open(database)) {
				WalReader.Scan scan = reader.scan(reader.header().start(), 0);
				long pgno = Integer.toUnsignedLong(scan.pages().sortedPages()[0]);
				long offset = scan.pages().offset(pgno);
				byte[] page = new byte[4096];
				assertThat(reader.readPage(offset, pgno, page)).isTrue();
				assertThat(reader.readPage(offset, pgno + 1, page)).isFalse();
				assertThat(reader.readPage(scan.end().offset(), pgno, page)).as("beyond the file").isFalse();
				assertThatIllegalArgumentException().isThrownBy(() -> reader.readPage(offset, pgno, new byte[512]))
					.withMessageContaining("4096");
			}
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void readersLeaveNoDescriptorOpen() throws Exception {
		Path empty = Files.write(this.directory.resolve("empty-wal"), new byte[10]);
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(1, 10);
			long sqlite = descriptors(database.wal());
			open(database).close();
			assertThat(descriptors(database.wal())).isEqualTo(sqlite);
			assertThat(WalReader.open(empty)).as("no header").isNull();
			assertThat(descriptors(empty)).isZero();
		}
	}

	private static long descriptors(Path file) throws IOException {
		try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
			return descriptors.filter((descriptor) -> {
				try {
					return Files.isSameFile(descriptor, file);
				}
				catch (IOException ex) {
					return false; // closed meanwhile
				}
			}).count();
		}
	}

	@Test
	void readersShareABuffer() throws Exception {
		WalBuffer buffer = new WalBuffer();
		for (int pageSize : new int[] { 512, 65536, 4096 }) {
			try (WalDatabase database = WalDatabase.create(this.directory, pageSize)) {
				database.insert(300, 4000);
				try (WalReader reader = WalReader.open(database.wal(), buffer)) {
					assertThat(reader).isNotNull();
					WalReader.Scan scan = reader.scan(reader.header().start(), 0);
					assertThat(reader.sameHeader()).isTrue();
					assertThat(database.overlay(reader, scan.pages(), scan.commit())).isEqualTo(database.image());
				}
			}
		}
	}

	@Test
	void interruptedThreadReadsOn() throws Exception {
		try (WalDatabase database = WalDatabase.create(this.directory, 4096)) {
			database.insert(100, 4000);
			AtomicReference<Object> outcome = new AtomicReference<>();
			Thread thread = new Thread(() -> {
				Thread.currentThread().interrupt();
				try (WalReader reader = open(database)) {
					outcome.set(reader.scan(reader.header().start(), 0).transactions());
				}
				catch (IOException | RuntimeException ex) {
					outcome.set(ex);
				}
			});
			thread.start();
			thread.join();
			assertThat(outcome.get()).isEqualTo(1);
		}
	}

	private static WalReader open(WalDatabase database) throws IOException {
		WalReader reader = WalReader.open(database.wal());
		assertThat(reader).isNotNull();
		return reader;
	}

}
