package dev.litestream.replica;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The rules of {@link ReplicaClient}, which every implementation passes.
 */
@Timeout(120)
public abstract class ReplicaClientContract {

	private static final int CHUNK = 128 * 1024;

	private static final Instant TIMESTAMP = Instant.parse("2026-08-19T14:53:00.123Z");

	protected ReplicaClient client;

	private final List<ReplicaClient> clients = new ArrayList<>();

	/**
	 * Creates a client, not opened, of this test's destination. The destination is empty
	 * when a test starts; several clients of one test share it.
	 * @return a client
	 * @throws Exception if the destination cannot be made
	 */
	protected abstract ReplicaClient create() throws Exception;

	/**
	 * Damages a file behind the client's back. Its listing, and what the store remembers
	 * of its content, stay as they are wherever the store can be got to do so.
	 * @param file the file
	 * @param content what is to be there instead
	 * @throws Exception if it cannot be damaged
	 */
	protected abstract void damage(LtxFileInfo file, byte[] content) throws Exception;

	/**
	 * The secrets that the client was given.
	 * @return texts that no message may hold
	 */
	protected List<String> secrets() {
		return List.of();
	}

	@BeforeEach
	void openClient() throws Exception {
		this.client = opened();
	}

	@AfterEach
	void closeClients() {
		this.clients.forEach(ReplicaClient::close);
	}

	private ReplicaClient opened() throws Exception {
		ReplicaClient created = create();
		this.clients.add(created);
		created.open();
		return created;
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3_000_000 })
	void contentIsReadAsItWasWritten(int size) throws Exception {
		byte[] content = bytes(size);
		LtxFileInfo written = write(0, 1, 1, content);
		assertThat(written).isEqualTo(new LtxFileInfo(0, txid(1), txid(1), size, TIMESTAMP));
		assertThat(this.client.list(0).files()).containsExactly(written);
		assertThat(read(written)).isEqualTo(content);
	}

	@Test
	void contentThatArrivesInPiecesIsWrittenWhole() throws Exception {
		byte[] content = bytes(2 * CHUNK + 77);
		InputStream pieces = new ByteArrayInputStream(content) {
			@Override
			public synchronized int read(byte[] target, int offset, int length) {
				return super.read(target, offset, Math.min(length, 1009));
			}
		};
		LtxFileInfo written = this.client.write(0, txid(1), txid(1), TIMESTAMP, pieces);
		assertThat(written.size()).isEqualTo(content.length);
		assertThat(read(written)).isEqualTo(content);
	}

	@Test
	void theSourceIsNotClosed() throws Exception {
		boolean[] closed = new boolean[1];
		this.client.write(0, txid(1), txid(1), TIMESTAMP, new ByteArrayInputStream(bytes(10)) {
			@Override
			public void close() {
				closed[0] = true;
			}
		});
		assertThat(closed[0]).isFalse();
	}

	@Test
	void anotherClientSeesWhatOneWrote() throws Exception {
		LtxFileInfo written = write(3, 1, 40, bytes(5000));
		ReplicaClient other = opened();
		assertThat(other.list(3).files()).containsExactly(written);
		try (InputStream in = other.read(written)) {
			assertThat(in.readAllBytes()).isEqualTo(bytes(5000));
		}
	}

	@ParameterizedTest
	@CsvSource({ "0,1", "0,100", "99,2", "131071,2", "131072,131072", "0,300000", "299999,1", "200000,100000" })
	void aPartOfAFileIsRead(int offset, int length) throws Exception {
		byte[] content = bytes(300_000);
		LtxFileInfo written = write(0, 1, 1, content);
		try (InputStream in = this.client.read(written, offset, length)) {
			assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
		}
	}

	@ParameterizedTest
	@CsvSource({ "3,flipped", "3,short", "3,long", "80,flipped", "80,short", "80,long", "600,flipped", "600,short",
			"600,long" })
	void damagedContentIsRecognisedAsSuch(int pages, String damage) throws Exception {
		byte[] ltx = ltx(pages);
		LtxFileInfo written = write(0, 1, 1, ltx);
		damage(written, damaged(ltx, damage));
		for (ReplicaClient reader : List.of(this.client, opened())) {
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> {
				try (InputStream in = reader.read(written)) {
					LtxReader.verify(in, "rotten");
				}
			});
		}
		assertThat(this.client.list(0).files()).as("still there").hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 3, 80, 600 })
	void aPartBesideTheDamageIsReadNevertheless(int pages) throws Exception {
		byte[] ltx = ltx(pages);
		LtxFileInfo written = write(0, 1, 1, ltx);
		damage(written, damaged(ltx, "flipped"));
		for (int[] part : new int[][] { { 0, 100 }, { ltx.length - 16, 16 } }) {
			try (InputStream in = this.client.read(written, part[0], part[1])) {
				assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(ltx, part[0], part[0] + part[1]));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 3, 80, 600 })
	void aPartThatIsMissingIsRecognisedAsDamage(int pages) throws Exception {
		byte[] ltx = ltx(pages);
		LtxFileInfo written = write(0, 1, 1, ltx);
		damage(written, damaged(ltx, "short"));
		assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> {
			try (InputStream in = this.client.read(written, ltx.length - 16, 16)) {
				in.readAllBytes();
			}
		});
	}

	/** A valid file of pages that do not compress. */
	private static byte[] ltx(int pages) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, new LtxHeader(LtxFormat.NO_CHECKSUM, 4096, pages, txid(1), txid(1),
				TIMESTAMP.toEpochMilli(), 0, 0, 0, 0, 0, 0))) {
			for (int pgno = 1; pgno <= pages; pgno++) {
				writer.writePage(pgno, Arrays.copyOf(bytes(4000 + pgno), 4096), 0);
			}
			writer.finish();
		}
		return out.toByteArray();
	}

	private static byte[] damaged(byte[] content, String damage) {
		return switch (damage) {
			case "short" -> Arrays.copyOf(content, content.length / 2);
			case "long" -> Arrays.copyOf(content, content.length + 10);
			default -> {
				byte[] flipped = content.clone();
				flipped[content.length / 2] ^= 1;
				yield flipped;
			}
		};
	}

	@ParameterizedTest
	@CsvSource({ "0,1001", "1000,1", "5000,10", "-1,10", "0,-1" })
	void aPartThatLeavesTheFileIsRefused(int offset, int length) throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(1000));
		assertThatThrownBy(() -> {
			try (InputStream in = this.client.read(written, offset, length)) {
				in.readAllBytes();
			}
		}).isInstanceOfAny(IOException.class, IllegalArgumentException.class);
	}

	@Test
	void aReadMayEndBeforeTheFileDoes() throws Exception {
		byte[] content = bytes(1_000_000);
		LtxFileInfo written = write(0, 1, 1, content);
		for (int i = 0; i < 20; i++) {
			try (InputStream in = this.client.read(written)) {
				assertThat(in.readNBytes(100)).isEqualTo(Arrays.copyOf(content, 100));
			}
		}
		assertThat(read(written)).isEqualTo(content);
	}

	@Test
	void aListingIsOrderedByFirstThenLastTxid() throws Exception {
		List<Integer> lasts = new ArrayList<>();
		for (int i = 1; i <= 50; i++) {
			lasts.add(i);
		}
		Collections.shuffle(lasts, new Random(9));
		for (int last : lasts) {
			write(9, 1, last, bytes(last));
		}
		Collections.sort(lasts);
		LtxListing listing = this.client.list(9);
		assertThat(listing.files()).extracting((file) -> (int) file.maxTxid().value()).containsExactlyElementsOf(lasts);
		assertThat(listing.files()).extracting(LtxFileInfo::size).allMatch((size) -> size > 0).doesNotHaveDuplicates();
	}

	@Test
	void txidsAreUnsigned() throws Exception {
		Txid small = txid(0x7fffffffffffffffL);
		Txid large = txid(0x8000000000000000L);
		Txid largest = txid(-1);
		LtxFileInfo first = this.client.write(0, small, small, TIMESTAMP, source(bytes(10)));
		LtxFileInfo third = this.client.write(0, largest, largest, TIMESTAMP, source(bytes(30)));
		LtxFileInfo second = this.client.write(0, large, large, TIMESTAMP, source(bytes(20)));
		assertThat(this.client.list(0).files()).containsExactly(first, second, third);
		assertThat(read(third)).isEqualTo(bytes(30));
	}

	@Test
	void levelsAreSeparate() throws Exception {
		List<LtxFileInfo> written = new ArrayList<>();
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			written.add(write(level, 1, 7, bytes(100 + level)));
		}
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			assertThat(this.client.list(level).files()).containsExactly(written.get(level));
			assertThat(read(written.get(level))).isEqualTo(bytes(100 + level));
		}
		this.client.delete(List.of(written.get(4)));
		assertThat(this.client.list(4).files()).isEmpty();
		assertThat(this.client.list(5).files()).containsExactly(written.get(5));
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 10 })
	void aLevelThatDoesNotExistIsRefused(int level) {
		assertThatThrownBy(() -> this.client.list(level)).isInstanceOf(IllegalArgumentException.class);
		assertThatThrownBy(() -> write(level, 1, 1, bytes(10))).isInstanceOf(IllegalArgumentException.class);
	}

	@Test
	void anEmptyReplicaListsNothing() throws Exception {
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			assertThat(this.client.list(level).files()).isEmpty();
		}
		assertThat(this.client.listAll()).hasSize(ReplicaClient.LEVELS).allMatch(LtxListing::isEmpty);
	}

	@Test
	void listingAllLevelsEqualsListingEach() throws Exception {
		for (int i = 1; i <= 30; i++) {
			write(0, i, i, bytes(i));
		}
		write(1, 1, 10, bytes(50));
		write(1, 11, 20, bytes(51));
		write(2, 1, 20, bytes(60));
		write(9, 1, 5, bytes(70));
		List<LtxListing> each = new ArrayList<>();
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			each.add(this.client.list(level));
		}
		assertThat(this.client.listAll()).isEqualTo(each);
		assertThat(each.get(0).files()).hasSize(30);
	}

	@Test
	void theTimestampIsKeptToTheMillisecond() throws Exception {
		List<Instant> timestamps = List.of(Instant.parse("2026-08-19T14:53:00Z"),
				Instant.parse("2026-08-19T14:53:00.001Z"), Instant.parse("2026-08-19T14:53:00.1Z"),
				Instant.parse("2026-08-19T14:53:00.999Z"), Instant.parse("1999-12-31T23:59:59.999Z"),
				Instant.parse("2037-01-01T00:00:00.010Z"));
		for (int i = 0; i < timestamps.size(); i++) {
			LtxFileInfo written = this.client.write(0, txid(i + 1), txid(i + 1), timestamps.get(i), source(bytes(9)));
			assertThat(written.createdAt()).isEqualTo(timestamps.get(i));
		}
		assertThat(this.client.list(0).files()).extracting(LtxFileInfo::createdAt)
			.containsExactlyElementsOf(timestamps);
	}

	@ParameterizedTest
	@ValueSource(ints = { 10, 3 * CHUNK })
	void aNameIsNotWrittenTwiceWithOtherContent(int size) throws Exception {
		byte[] content = bytes(size);
		LtxFileInfo written = write(0, 1, 1, content);
		byte[] other = content.clone();
		other[size - 1] ^= 1;
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(0, 1, 1, other));
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(0, 1, 1, bytes(size + 1)));
		assertThatExceptionOfType(LtxConflictException.class).isThrownBy(() -> write(0, 1, 1, bytes(size - 1)));
		assertThat(this.client.list(0).files()).containsExactly(written);
		assertThat(read(written)).isEqualTo(content);
	}

	@Test
	void anotherClientIsRefusedToo() throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(500));
		ReplicaClient other = opened();
		assertThatExceptionOfType(LtxConflictException.class)
			.isThrownBy(() -> other.write(0, txid(1), txid(1), TIMESTAMP, source(bytes(501))));
		assertThat(read(written)).isEqualTo(bytes(500));
	}

	@ParameterizedTest
	@ValueSource(ints = { 10, 3 * CHUNK + 5 })
	void theSameContentIsWrittenTwiceWithSuccess(int size) throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(size));
		assertThat(write(0, 1, 1, bytes(size))).isEqualTo(written);
		assertThat(this.client.list(0).files()).containsExactly(written);
		assertThat(read(written)).isEqualTo(bytes(size));
	}

	@Test
	void aDeletedNameCanBeWrittenAgain() throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(1000));
		this.client.delete(List.of(written));
		LtxFileInfo again = write(0, 1, 1, bytes(2000));
		assertThat(this.client.list(0).files()).containsExactly(again);
		assertThat(read(again)).isEqualTo(bytes(2000));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 1000, CHUNK, CHUNK + 5, 2_500_000 })
	void aSourceThatFailsLeavesNothingVisible(int goodBytes) throws Exception {
		IOException fault = new IOException("the source broke");
		assertThatThrownBy(
				() -> this.client.write(0, txid(1), txid(1), TIMESTAMP, new FailingSource(goodBytes, fault, null)))
			.isInstanceOf(IOException.class)
			.satisfies((ex) -> assertThat(causes(ex)).contains(fault));
		assertThat(this.client.list(0).files()).isEmpty();
		assertThat(this.client.listAll()).allMatch(LtxListing::isEmpty);
		LtxFileInfo written = write(0, 1, 1, bytes(3000));
		assertThat(read(written)).isEqualTo(bytes(3000));
	}

	@Test
	void aSourceThatThrowsUncheckedLeavesNothingVisible() throws Exception {
		IllegalStateException fault = new IllegalStateException("the source has a bug");
		assertThatThrownBy(
				() -> this.client.write(0, txid(1), txid(1), TIMESTAMP, new FailingSource(CHUNK + 9, null, fault)))
			.satisfies((ex) -> assertThat(causes(ex)).contains(fault));
		assertThat(this.client.list(0).files()).isEmpty();
		write(0, 1, 1, bytes(3000));
	}

	@Test
	void aFailedSourceLeavesTheExistingFileAlone() throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(CHUNK * 2));
		IOException fault = new IOException("the source broke");
		assertThatThrownBy(
				() -> this.client.write(0, txid(1), txid(1), TIMESTAMP, new FailingSource(CHUNK + 9, fault, null)))
			.isInstanceOf(IOException.class)
			.isNotInstanceOf(LtxConflictException.class);
		assertThat(this.client.list(0).files()).containsExactly(written);
		assertThat(read(written)).isEqualTo(bytes(CHUNK * 2));
	}

	@Test
	void aMissingFileIsReportedAsSuch() throws Exception {
		LtxFileInfo phantom = new LtxFileInfo(0, txid(1), txid(1), 100, TIMESTAMP);
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> read(phantom));
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> this.client.read(phantom, 0, 10).read());
		LtxFileInfo written = write(0, 1, 1, bytes(100));
		this.client.delete(List.of(written));
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> read(written));
	}

	@Test
	void deletedFilesAreGoneAndOthersStay() throws Exception {
		List<LtxFileInfo> files = new ArrayList<>();
		for (int i = 1; i <= 10; i++) {
			files.add(write(0, i, i, bytes(1000 * i)));
		}
		this.client.delete(List.of(files.get(0), files.get(4), files.get(9)));
		files.removeAll(List.of(files.get(0), files.get(4), files.get(9)));
		assertThat(this.client.list(0).files()).isEqualTo(files);
		for (LtxFileInfo file : files) {
			assertThat(read(file)).hasSize((int) file.size());
		}
	}

	@Test
	void missingFilesMayBeDeleted() throws Exception {
		LtxFileInfo phantom = new LtxFileInfo(2, txid(1), txid(5), 100, TIMESTAMP);
		LtxFileInfo written = write(2, 6, 9, bytes(100));
		this.client.delete(List.of());
		this.client.delete(List.of(phantom, written));
		this.client.delete(List.of(phantom, written));
		assertThat(this.client.list(2).files()).isEmpty();
	}

	@Test
	void ofWritersOfOneNameExactlyOneWins() throws Exception {
		ReplicaClient other = opened();
		for (int round = 1; round <= 10; round++) {
			int last = round;
			List<Callable<byte[]>> writers = new ArrayList<>();
			CyclicBarrier start = new CyclicBarrier(4);
			for (int i = 0; i < 4; i++) {
				byte[] content = bytes(CHUNK + 100 * last + i);
				ReplicaClient writer = (i % 2 == 0) ? this.client : other;
				writers.add(() -> {
					start.await();
					try {
						writer.write(0, txid(last), txid(last), TIMESTAMP, source(content));
						return content;
					}
					catch (LtxConflictException ex) {
						return new byte[0];
					}
				});
			}
			List<byte[]> winners = new ArrayList<>(inParallel(writers));
			winners.removeIf((content) -> content.length == 0);
			assertThat(winners).hasSize(1);
			assertThat(read(this.client.list(0).files().get(round - 1))).isEqualTo(winners.get(0));
		}
	}

	@Test
	void writersOfOneNameAndTheSameContentAllSucceed() throws Exception {
		List<Callable<LtxFileInfo>> writers = new ArrayList<>();
		CyclicBarrier start = new CyclicBarrier(4);
		for (int i = 0; i < 4; i++) {
			writers.add(() -> {
				start.await();
				return write(0, 1, 1, bytes(CHUNK + 1));
			});
		}
		List<LtxFileInfo> written = inParallel(writers);
		assertThat(written).hasSize(4).containsOnly(this.client.list(0).files().get(0));
		assertThat(read(written.get(0))).isEqualTo(bytes(CHUNK + 1));
	}

	@Test
	void threadsWriteReadListAndDeleteAtTheSameTime() throws Exception {
		List<Callable<Integer>> tasks = new ArrayList<>();
		for (int t = 0; t < 4; t++) {
			int first = 1000 * t + 1;
			tasks.add(() -> {
				for (int i = first; i < first + 20; i++) {
					LtxFileInfo written = write(0, i, i, bytes(i));
					assertThat(this.client.list(0).files()).contains(written);
					assertThat(read(written)).isEqualTo(bytes(i));
					if (i % 2 == 0) {
						this.client.delete(List.of(written));
					}
				}
				return first;
			});
		}
		inParallel(tasks);
		assertThat(this.client.list(0).files()).hasSize(40).allMatch((file) -> file.minTxid().value() % 2 == 1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1000, CHUNK + 5 })
	void anInterruptedWriteIsWholeOrNothingAndTheClientStaysUsable(int goodBytes) throws Exception {
		byte[] content = bytes(2 * CHUNK + 9);
		InputStream source = new ByteArrayInputStream(content) {
			private int given;

			@Override
			public synchronized int read(byte[] target, int offset, int length) {
				if (this.given >= goodBytes) {
					Thread.currentThread().interrupt();
				}
				int n = super.read(target, offset, Math.min(length, 1000));
				this.given += Math.max(n, 0);
				return n;
			}
		};
		boolean written = inParallel(List.<Callable<Boolean>>of(() -> {
			try {
				this.client.write(0, txid(1), txid(1), TIMESTAMP, source);
				return true;
			}
			catch (IOException ex) {
				return false;
			}
		})).get(0);
		LtxListing listing = this.client.list(0);
		if (written) {
			assertThat(listing.files()).hasSize(1);
		}
		for (LtxFileInfo file : listing) {
			assertThat(read(file)).isEqualTo(content);
		}
		LtxFileInfo next = write(0, 2, 2, bytes(3 * CHUNK));
		assertThat(read(next)).isEqualTo(bytes(3 * CHUNK));
		LtxFileInfo again = write(0, 1, 1, content);
		assertThat(this.client.list(0).files()).containsExactly(again, next);
	}

	@Test
	void openingTwiceIsFine() throws Exception {
		this.client.open();
		LtxFileInfo written = write(0, 1, 1, bytes(100));
		this.client.open();
		assertThat(this.client.list(0).files()).containsExactly(written);
	}

	@Test
	void aClosedClientRefusesEveryCall() throws Exception {
		LtxFileInfo written = write(0, 1, 1, bytes(100));
		this.client.close();
		this.client.close();
		List<Callable<?>> calls = List.of(() -> this.client.list(0), () -> this.client.listAll(),
				() -> this.client.read(written).read(), () -> this.client.read(written, 0, 1).read(),
				() -> write(0, 2, 2, bytes(10)), () -> {
					this.client.delete(List.of(written));
					return null;
				});
		for (Callable<?> call : calls) {
			assertThatThrownBy(call::call).isInstanceOfAny(IOException.class, IllegalStateException.class)
				.hasMessageContaining("closed");
		}
		assertThat(opened().list(0).files()).containsExactly(written);
	}

	@Test
	void noTextHoldsASecret() throws Exception {
		write(0, 1, 1, bytes(10));
		List<String> texts = new ArrayList<>(
				List.of(this.client.location(), this.client.toString(), this.client.type()));
		List<Callable<?>> refusals = List.of(() -> write(0, 1, 1, bytes(11)), () -> this.client.list(10),
				() -> read(new LtxFileInfo(0, txid(5), txid(5), 100, TIMESTAMP)), () -> {
					this.client.close();
					return this.client.list(0);
				});
		for (Callable<?> refusal : refusals) {
			assertThatThrownBy(refusal::call)
				.satisfies((ex) -> causes(ex).forEach((cause) -> texts.add(cause.toString())));
		}
		assertThat(texts).hasSizeGreaterThanOrEqualTo(7);
		for (String text : texts) {
			assertThat(text).isNotEmpty();
			secrets().forEach((secret) -> assertThat(text).doesNotContain(secret));
			assertThat(text).doesNotContainPattern("//[^/]*@");
		}
	}

	private LtxFileInfo write(int level, long min, long max, byte[] content) throws IOException {
		return this.client.write(level, txid(min), txid(max), TIMESTAMP, source(content));
	}

	private byte[] read(LtxFileInfo file) throws IOException {
		try (InputStream in = this.client.read(file)) {
			return in.readAllBytes();
		}
	}

	private static Txid txid(long value) {
		return new Txid(value);
	}

	private static InputStream source(byte[] content) {
		return new ByteArrayInputStream(content);
	}

	private static byte[] bytes(int size) {
		byte[] bytes = new byte[size];
		new Random(size).nextBytes(bytes);
		return bytes;
	}

	private static List<Throwable> causes(Throwable ex) {
		List<Throwable> causes = new ArrayList<>();
		for (Throwable cause = ex; cause != null && !causes.contains(cause); cause = cause.getCause()) {
			causes.add(cause);
		}
		return causes;
	}

	private static <T> List<T> inParallel(List<Callable<T>> tasks) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
		try {
			List<T> results = new ArrayList<>();
			for (Future<T> future : executor.invokeAll(tasks)) {
				results.add(future.get(60, TimeUnit.SECONDS));
			}
			return results;
		}
		finally {
			executor.shutdownNow();
		}
	}

	/** Gives some bytes, then fails. */
	private static final class FailingSource extends InputStream {

		private final @Nullable IOException checked;

		private final @Nullable RuntimeException unchecked;

		private int left;

		FailingSource(int goodBytes, @Nullable IOException checked, @Nullable RuntimeException unchecked) {
			this.left = goodBytes;
			this.checked = checked;
			this.unchecked = unchecked;
		}

		@Override
		public int read() throws IOException {
			if (this.left-- > 0) {
				return 7;
			}
			if (this.unchecked != null) {
				throw this.unchecked;
			}
			throw Objects.requireNonNull(this.checked);
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			if (this.left == 0) {
				return read();
			}
			int n = Math.min(length, this.left);
			this.left -= n;
			return n;
		}

	}

}
