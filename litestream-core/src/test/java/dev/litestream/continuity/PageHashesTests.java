package dev.litestream.continuity;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The hashes of the replica's pages: what they say after updates, and after a crash at
 * any byte of one.
 */
class PageHashesTests {

	private static final int PAGE_SIZE = 512;

	@TempDir
	Path directory;

	private final Random random = new Random(42);

	/** The database at each position. */
	private final List<TreeMap<Long, byte[]>> states = new ArrayList<>(List.of(new TreeMap<>()));

	/** The file that leads to each position. */
	private final List<byte[]> files = new ArrayList<>(List.of(new byte[0]));

	@Test
	void randomHistoryIsFollowed() throws Exception {
		PageHashes hashes = new PageHashes(this.directory);
		int at = 0;
		for (int round = 0; round < 40; round++) {
			int count = 1 + this.random.nextInt(4);
			for (int i = 0; i < count; i++) {
				commit();
			}
			try (PageHashesUpdate update = (at == 0) ? hashes.start(Txid.ZERO, PAGE_SIZE, txid(at + count))
					: hashes.update(txid(at + count))) {
				for (int i = 1; i <= count; i++) {
					apply(update, at + i);
				}
				update.complete();
			}
			at += count;
			requireState(hashes, at, true);
		}
	}

	/**
	 * Whatever part of an update's writes reached the disk, the same files lead to the
	 * same hashes afterwards; and no hash is used for a position that it is newer than.
	 */
	@Test
	void crashAtAnyByteOfAnUpdateLeavesHashesToGoOnFrom() throws Exception {
		for (int i = 0; i < 12; i++) {
			commit();
		}
		Path file = this.directory.resolve("pages");
		PageHashes intact = new PageHashes(this.directory);
		try (PageHashesUpdate update = intact.start(Txid.ZERO, PAGE_SIZE, txid(4))) {
			for (int i = 1; i <= 4; i++) {
				apply(update, i);
			}
			update.complete();
		}
		byte[] before = Files.readAllBytes(file);
		int crashes = 0;
		for (long limit = 0;; limit++) {
			Files.write(file, before);
			CrashingFile.Power power = new CrashingFile.Power(limit);
			boolean crashed = catchThrowable(() -> update(
					new PageHashes(this.directory, (path) -> new CrashingFile(path, power)), 4, 12)) != null;
			PageHashes after = new PageHashes(this.directory,
					(path) -> new CrashingFile(path, new CrashingFile.Power(Long.MAX_VALUE)));
			PageHashesHeader header = after.header();
			assertThat(header).as("after %s bytes", limit).isNotNull();
			int at = (int) header.txid().value();
			assertThat(at).isIn(4, 12);
			if (header.ahead().equals(header.txid())) {
				requireState(after, at, true);
			}
			else {
				try (PageHashes.Reader reader = after.read()) {
					assertThat(reader).as("hashes of no position").isNull();
				}
			}
			if (at < 12) {
				update(after, at, 12);
			}
			requireState(after, 12, true);
			if (!crashed) {
				break;
			}
			crashes++;
		}
		assertThat(crashes).isGreaterThan(400);
	}

	@Test
	void damagedHashIsNotTakenForAnOlderOne() throws Exception {
		for (int i = 0; i < 6; i++) {
			commit();
		}
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(6))) {
			for (int i = 1; i <= 6; i++) {
				apply(update, i);
			}
			update.complete();
		}
		Path file = this.directory.resolve("pages");
		byte[] whole = Files.readAllBytes(file);
		for (int position = 0; position < whole.length; position++) {
			byte[] damaged = whole.clone();
			damaged[position] ^= (byte) (1 << this.random.nextInt(8));
			Files.write(file, damaged);
			PageHashesHeader header = hashes.header();
			if (header != null && header.ahead().equals(header.txid())) {
				assertThat(header.txid()).isEqualTo(txid(6));
				requireState(hashes, 6, false);
			}
		}
	}

	@Test
	void updateThatDoesNotLeadOnIsRefused() throws Exception {
		for (int i = 0; i < 3; i++) {
			commit();
		}
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(3))) {
			apply(update, 1);
			assertThat(catchThrowable(() -> apply(update, 3))).hasMessageContaining("does not continue");
		}
	}

	/** 100 GB of pages: neither the hashes nor the pages may be in memory. */
	@Test
	void growthOfWhichTheFileHoldsNothingIsRefused() throws Exception {
		commit();
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(2))) {
			apply(update, 1);
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (LtxWriter writer = new LtxWriter(bytes, new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE,
					LtxFormat.MAX_PGNO, new Txid(2), new Txid(2), 1, 0, 32, 0, 1, 2, 0))) {
				writer.writePage(1, new byte[PAGE_SIZE], 0);
				writer.finish();
			}
			this.files.add(bytes.toByteArray());
			assertThat(catchThrowable(() -> apply(update, 2))).isInstanceOf(CorruptLtxException.class);
		}
		assertThat(Files.size(this.directory.resolve("pages"))).isLessThan(100_000);
	}

	@Test
	void memoryDoesNotGrowWithTheDatabase() throws Exception {
		long commit = 25_000_000;
		byte[] page = new byte[PAGE_SIZE];
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes, new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, commit,
				new Txid(2), new Txid(2), 1, 0, 32, 0, 1, 2, 0))) {
			for (long pgno = 1; pgno <= commit; pgno += 50_000) {
				page[0] = (byte) (pgno / 50_000);
				writer.writePage(pgno, page, 0);
			}
			writer.finish();
		}
		this.files.add(new byte[0]);
		this.files.add(bytes.toByteArray());
		PageHashes hashes = new PageHashes(this.directory);
		com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
		int wrong = 0;
		long before = threads.getCurrentThreadAllocatedBytes();
		try (PageHashesUpdate update = hashes.start(Txid.FIRST, PAGE_SIZE, new Txid(2))) {
			apply(update, 2);
			update.complete();
		}
		try (PageHashes.Reader reader = hashes.read()) {
			assertThat(reader).isNotNull();
			for (long pgno = 1; pgno <= commit; pgno += 50_000) {
				page[0] = (byte) (pgno / 50_000);
				// An assertion allocates itself.
				if (!reader.same(pgno, page) || reader.same(pgno + 1, page)) {
					wrong++;
				}
			}
		}
		assertThat(wrong).as("pages that are not as they were, or known though they are not").isZero();
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4 << 20);
	}

	/** Page 8193 is the first one behind what a reader reads ahead. */
	@Test
	void everyPageOfALargeDatabaseIsKnown() throws Exception {
		int count = 8200;
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(1))) {
			apply(update, 1, count, IntStream.rangeClosed(1, count).toArray());
			update.complete();
		}
		requireKnown(hashes, 1, IntStream.rangeClosed(1, count).toArray());
		assertThat(Files.size(this.directory.resolve("pages"))).as("a later release reads it")
			.isEqualTo(4096 + 8 * count);
	}

	@Test
	void pagesThatAreNoNeighboursHaveTheirOwnPlaces() throws Exception {
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.FIRST, PAGE_SIZE, txid(2))) {
			apply(update, 2, 70, 1, 65, 70);
			update.complete();
		}
		requireKnown(hashes, 2, 1, 65, 70);
		requireUnknown(hashes, 2, 2, 9, 64, 66, 69);
	}

	/** It may be the lock page: no file holds that. */
	@Test
	@Hazard("B6")
	void oneAddedPageThatNoFileHoldsIsNotKnown() throws Exception {
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(1))) {
			apply(update, 1, 3, 1, 2, 3);
			update.complete();
		}
		try (PageHashesUpdate update = hashes.update(txid(3))) {
			apply(update, 2, 2, 1);
			apply(update, 3, 3, 1);
			update.complete();
		}
		requireKnown(hashes, 3, 1);
		requireUnknown(hashes, 1, 3);
	}

	@Test
	void twoAddedPagesThatNoFileHoldsAreRefused() throws Exception {
		PageHashes hashes = new PageHashes(this.directory);
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(2))) {
			apply(update, 1, 2, 1, 2);
			assertThatExceptionOfType(CorruptLtxException.class).isThrownBy(() -> apply(update, 2, 4, 1, 2))
				.withMessageContaining("grows from 2 to 4 pages, of which the file holds 0");
		}
	}

	/** However often the old ones had been updated. */
	@Test
	@Hazard("C9")
	void hashesThatAreBegunAnewLeaveNothingOfTheOldOnes() throws Exception {
		PageHashes hashes = new PageHashes(this.directory);
		for (int i = 1; i <= 4; i++) {
			try (PageHashesUpdate update = (i == 1) ? hashes.start(Txid.ZERO, PAGE_SIZE, txid(1))
					: hashes.update(txid(i))) {
				apply(update, i, 3, 1, 2, 3);
				update.complete();
			}
		}
		PageHashesHeader old = hashes.header();
		assertThat(old).isNotNull();
		try (PageHashesUpdate update = hashes.start(Txid.FIRST, PAGE_SIZE, txid(2))) {
			apply(update, 2, 3, 1);
		}
		PageHashesHeader header = hashes.header();
		assertThat(header).isNotNull();
		assertThat(header.txid()).isEqualTo(Txid.FIRST);
		assertThat(header.ahead()).isEqualTo(txid(2));
		try (PageHashesUpdate update = hashes.update(txid(2))) {
			apply(update, 2, 3, 1);
			update.complete();
		}
		requireUnknown(hashes, 4, 2, 3);
	}

	@Test
	void fileWithoutAWholeHeaderOrItsLastHashIsOfNoUse() throws Exception {
		Path file = this.directory.resolve("pages");
		Files.write(file, new byte[5000]);
		PageHashes hashes = new PageHashes(this.directory);
		assertThat(hashes.header()).isNull();
		assertThatIOException().isThrownBy(() -> hashes.update(txid(1)))
			.withMessageContaining("There are no page hashes in");
		try (PageHashesUpdate update = hashes.start(Txid.ZERO, PAGE_SIZE, txid(1))) {
			apply(update, 1, 2, 1, 2);
			update.complete();
		}
		assertThat(hashes.header()).isNotNull();
		Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 1));
		assertThat(hashes.header()).isNull();
	}

	/**
	 * A power loss keeps no order: no hash may be on disk before the header that says how
	 * far hashes may be ahead, and no position before the hashes.
	 */
	@Test
	@Hazard("A12")
	void everyStepIsOnDiskBeforeTheNextOne() throws Exception {
		List<OrderedFile> opened = new ArrayList<>();
		PageHashes hashes = new PageHashes(this.directory, (path) -> {
			OrderedFile file = new OrderedFile(PageHashesFile.open(path));
			opened.add(file);
			return file;
		});
		try (PageHashesUpdate update = hashes.startAside(PAGE_SIZE)) {
			update.put(1, new byte[PAGE_SIZE], PAGE_SIZE);
			update.completeRestored(txid(1), 1);
		}
		hashes.publish();
		for (int i = 1; i <= 2; i++) {
			try (PageHashesUpdate update = (i == 1) ? hashes.start(Txid.ZERO, PAGE_SIZE, txid(1))
					: hashes.update(txid(2))) {
				apply(update, i, 3, 1, 2, 3);
				update.complete();
			}
		}
		try (PageHashes.Reader reader = hashes.read()) {
			assertThat(reader).isNotNull();
		}
		try (PageHashesUpdate update = hashes.update(txid(4))) {
			assertThat(hashes.read()).as("while an update is under way").isNull();
			apply(update, 3, 3, 1);
		}
		Files.write(this.directory.resolve("pages"), new byte[0]);
		assertThatIOException().isThrownBy(() -> hashes.update(txid(4)));
		assertThat(opened).hasSizeGreaterThan(5).allMatch((file) -> file.closed);
	}

	private void apply(PageHashesUpdate update, int position, long commit, int... pages) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes, new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, commit,
				txid(position), txid(position), 1, 0, 32, 0, 1, 2, 0))) {
			for (int pgno : pages) {
				writer.writePage(pgno, page(position, pgno), 0);
			}
			writer.finish();
		}
		try (LtxReader ltx = new LtxReader(new ByteArrayInputStream(bytes.toByteArray()), "test")) {
			update.apply(ltx);
		}
	}

	private static byte[] page(int position, int pgno) {
		return ByteBuffer.allocate(PAGE_SIZE).putInt(position).putInt(pgno).array();
	}

	/** Each page is known to be as it was written at a position. */
	private static void requireKnown(PageHashes hashes, int position, int... pages) throws IOException {
		try (PageHashes.Reader reader = hashes.read()) {
			assertThat(reader).isNotNull();
			assertThat(reader.header().txid()).isEqualTo(txid(position));
			for (int pgno : pages) {
				assertThat(reader.same(pgno, page(position, pgno))).as("page %s", pgno).isTrue();
			}
		}
	}

	private static void requireUnknown(PageHashes hashes, int position, int... pages) throws IOException {
		try (PageHashes.Reader reader = hashes.read()) {
			assertThat(reader).isNotNull();
			for (int pgno : pages) {
				assertThat(reader.known(pgno)).as("page %s", pgno).isZero();
				assertThat(reader.same(pgno, page(position, pgno))).as("page %s", pgno).isFalse();
			}
		}
	}

	private void update(PageHashes hashes, int from, int to) throws IOException {
		try (PageHashesUpdate update = hashes.update(txid(to))) {
			for (int i = from + 1; i <= to; i++) {
				apply(update, i);
			}
			update.complete();
		}
	}

	private void apply(PageHashesUpdate update, int position) throws IOException {
		try (LtxReader ltx = new LtxReader(new ByteArrayInputStream(this.files.get(position)), "test")) {
			update.apply(ltx);
		}
	}

	/** Every page is known, and neither its state before nor any other counts as it. */
	private void requireState(PageHashes hashes, int position, boolean whole) throws IOException {
		Map<Long, byte[]> now = this.states.get(position);
		for (int other = Math.max(0, position - 6); other <= Math.min(position + 6, this.states.size() - 1); other++) {
			try (PageHashes.Reader reader = hashes.read()) {
				assertThat(reader).isNotNull();
				assertThat(reader.header().txid()).isEqualTo(txid(position));
				for (Map.Entry<Long, byte[]> page : this.states.get(other).entrySet()) {
					boolean same = reader.same(page.getKey(), page.getValue());
					if (page.getValue() == now.get(page.getKey())) {
						assertThat(same || !whole).as("page %s", page.getKey()).isTrue();
					}
					else {
						assertThat(same).as("page %s of %s at %s", page.getKey(), other, position).isFalse();
					}
				}
			}
		}
	}

	/** One more position: some pages change, the database grows or shrinks. */
	private void commit() throws IOException {
		TreeMap<Long, byte[]> before = this.states.get(this.states.size() - 1);
		long pages = before.isEmpty() ? 20 : Math.max(2, before.size() + this.random.nextInt(41) - 20);
		TreeMap<Long, byte[]> now = new TreeMap<>(before.headMap(pages, true));
		TreeMap<Long, byte[]> changed = new TreeMap<>();
		for (long pgno = 1; pgno <= pages; pgno++) {
			if (pgno > before.size() || this.random.nextInt(5) == 0) {
				byte[] page = new byte[PAGE_SIZE];
				this.random.nextBytes(page);
				changed.put(pgno, page);
			}
		}
		changed.putIfAbsent(1L, this.random.ints(PAGE_SIZE).collect(() -> new byte[PAGE_SIZE], (page, value) -> {
			page[Math.floorMod(value, PAGE_SIZE)] = (byte) value;
		}, (a, b) -> {
		}));
		now.putAll(changed);
		Txid txid = txid(this.states.size());
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes,
				new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE_SIZE, pages, txid, txid, 1, 0, 32, 0, 1, 2, 0))) {
			for (Map.Entry<Long, byte[]> page : changed.entrySet()) {
				writer.writePage(page.getKey(), page.getValue(), 0);
			}
			writer.finish();
		}
		this.states.add(now);
		this.files.add(bytes.toByteArray());
	}

	private static Txid txid(int position) {
		return new Txid(position);
	}

	/** Fails if what has to be on disk before a write, or before the end, is not. */
	private static final class OrderedFile implements PageHashesFile {

		private final PageHashesFile file;

		private boolean hashesForced = true;

		private boolean headerForced = true;

		private boolean closed;

		OrderedFile(PageHashesFile file) {
			this.file = file;
		}

		@Override
		public long length() throws IOException {
			return this.file.length();
		}

		@Override
		public int read(long position, byte[] bytes, int length) throws IOException {
			return this.file.read(position, bytes, length);
		}

		@Override
		public void write(long position, byte[] bytes, int length) throws IOException {
			if (position < PageHashes.START) {
				assertThat(this.hashesForced).as("hashes are on disk before a header").isTrue();
				this.headerForced = false;
			}
			else {
				assertThat(this.headerForced).as("a header is on disk before the hashes").isTrue();
				this.hashesForced = false;
			}
			this.file.write(position, bytes, length);
		}

		@Override
		public void truncate(long length) throws IOException {
			this.hashesForced &= length == this.file.length();
			this.file.truncate(length);
		}

		@Override
		public void force() throws IOException {
			this.file.force();
			this.hashesForced = true;
			this.headerForced = true;
		}

		@Override
		public void close() throws IOException {
			assertThat(this.headerForced).as("a header is on disk at the end").isTrue();
			this.closed = true;
			this.file.close();
		}

	}

}
