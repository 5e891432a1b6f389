package dev.litestream.continuity;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
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

	@Test
	@Hazard("A12")
	void aWalThatHoldsTheShippedFramesIsGoneOnWithBehindThem() throws Exception {
		try (WalReader reader = open()) {
			LtxHeader header = shippedToTheEnd();
			Continuity proved = Continuity.prove(reader, shipped(header, pages()));
			assertThat(proved.reason()).isNull();
			assertThat(proved.behind()).isFalse();
			assertThat(proved.position()).isEqualTo(reader.scan(reader.header().start(), 0).end());
			assertThat(proved.position().offset()).isEqualTo(Files.size(this.wal));
			Decision.Place place = proved.place(header);
			assertThat(place).isEqualTo(new Decision.Place(new Txid(2), proved.position(), 2, header.createdAt()));
		}
	}

	/** Only the last transaction was shipped in the file. */
	@Test
	@Hazard("A12")
	void aWalIsGoneOnWithBehindItsLastTransaction() throws Exception {
		LtxHeader all = shippedToTheEnd();
		long last = lastTransaction();
		try (WalReader reader = open()) {
			LtxHeader header = header(PAGE_SIZE, 2, last, Files.size(this.wal) - last, all.walSalt1());
			TreeMap<Long, byte[]> pages = pages();
			pages.keySet().retainAll(framesFrom(last));
			assertThat(pages).hasSize(1);
			assertThat(Continuity.prove(reader, shipped(header, pages)).position()).isNotNull();
		}
	}

	@Test
	@Hazard("A12")
	void framesWithOtherContentAreNotTheShippedOnes() throws Exception {
		TreeMap<Long, byte[]> pages = pages();
		pages.get(2L)[PAGE_SIZE - 1] ^= 1;
		try (WalReader reader = open()) {
			requireLost(Continuity.prove(reader, shipped(shippedToTheEnd(), pages)), ResyncReason.FRAME_MISMATCH, true);
		}
	}

	@Test
	@Hazard("A12")
	void framesThatTheFileLacksWereNotShipped() throws Exception {
		TreeMap<Long, byte[]> pages = pages();
		pages.remove(2L);
		try (WalReader reader = open()) {
			requireLost(Continuity.prove(reader, shipped(shippedToTheEnd(), pages)), ResyncReason.FRAME_MISMATCH,
					false);
		}
	}

	@Test
	@Hazard("A12")
	void aWalWhoseCommitsEndElsewhereProvesNothing() throws Exception {
		int salt = shippedToTheEnd().walSalt1();
		long frames = Files.size(this.wal) - WalHeader.SIZE;
		try (WalReader reader = open()) {
			for (LtxHeader header : List.of(header(PAGE_SIZE, 2, WalHeader.SIZE, frames + FRAME_SIZE, salt),
					header(PAGE_SIZE, 2, WalHeader.SIZE + 8, frames - 8, salt),
					header(PAGE_SIZE, 3, WalHeader.SIZE, frames, salt))) {
				requireLost(Continuity.prove(reader, shipped(header, pages())), ResyncReason.FRAME_MISMATCH, true);
			}
		}
	}

	@Test
	@Hazard("A12")
	void anotherWalOrNoneProvesNothing() throws Exception {
		LtxHeader same = shippedToTheEnd();
		long frames = Files.size(this.wal) - WalHeader.SIZE;
		int salt = same.walSalt1();
		try (WalReader reader = open()) {
			requireLost(Continuity.prove(null, shipped(same, pages())), ResyncReason.WAL_RESET, false);
			requireLost(Continuity.prove(reader, shipped(header(PAGE_SIZE, 2, WalHeader.SIZE, 0, salt), pages())),
					ResyncReason.WAL_RESET, false);
			requireLost(
					Continuity.prove(reader, shipped(header(PAGE_SIZE, 2, WalHeader.SIZE, frames, salt - 1), pages())),
					ResyncReason.WAL_RESET, false);
			requireLost(
					Continuity.prove(reader, shipped(header(PAGE_SIZE, 2, WalHeader.SIZE, frames, salt + 1), pages())),
					ResyncReason.WAL_RESET, true);
			LtxHeader other = new LtxHeader(same.flags(), PAGE_SIZE, 2, same.minTxid(), same.maxTxid(), 0, 0,
					same.walOffset(), same.walSize(), salt, same.walSalt2() + 1, 0);
			requireLost(Continuity.prove(reader, shipped(other, pages())), ResyncReason.WAL_RESET, false);
			TreeMap<Long, byte[]> small = new TreeMap<>();
			small.put(1L, new byte[512]);
			requireLost(Continuity.prove(reader, shipped(header(512, 2, WalHeader.SIZE, frames, salt), small)),
					ResyncReason.PAGE_SIZE_CHANGED, false);
		}
	}

	/** A WAL of an earlier generation lacks all frames of the later ones. */
	@Test
	@Hazard("A12")
	void onlyAGenerationOfTheSameRowIsEarlier() throws Exception {
		int salt = shippedToTheEnd().walSalt1();
		try (WalReader reader = open()) {
			for (int distance : new int[] { 1, 999, 1000, -1 }) {
				LtxHeader header = header(PAGE_SIZE, 2, WalHeader.SIZE, FRAME_SIZE, salt + distance);
				assertThat(Continuity.isBehind(reader, header)).as("%s restarts later", distance)
					.isEqualTo(distance > 0 && distance < 1000);
			}
			assertThat(Continuity.isBehind(reader, header(PAGE_SIZE, 2, WalHeader.SIZE, 0, salt + 1))).isFalse();
			assertThat(Continuity.isBehind(reader, header(512, 2, WalHeader.SIZE, 536, salt + 1))).isFalse();
		}
	}

	/** After a power loss, which may have taken files of the spool and of the WAL. */
	@Test
	@Hazard("C9")
	void aFileOfTheReplicaIsOfThisWalIfItIsOfItsRow() throws Exception {
		LtxHeader shipped = shippedToTheEnd();
		Path none = this.directory.resolve("none-wal");
		int salt = shipped.walSalt1();
		for (int distance : new int[] { -1000, -999, 0, 999, 1000 }) {
			LtxHeader file = header(PAGE_SIZE, 2, WalHeader.SIZE, FRAME_SIZE, salt + distance);
			boolean near = Math.abs(distance) < 1000;
			assertThat(Generations.areOfOneRow(file, null, this.wal, null)).as("the WAL, %s", distance).isEqualTo(near);
			assertThat(Generations.areOfOneRow(file, shipped, none, null)).as("the spool, %s", distance)
				.isEqualTo(near);
			assertThat(Generations.areOfOneRow(file, null, none, salt)).as("the notes, %s", distance)
				.isEqualTo(near && distance >= 0);
		}
		LtxHeader other = new LtxHeader(shipped.flags(), PAGE_SIZE, 2, shipped.minTxid(), shipped.maxTxid(), 0, 0,
				shipped.walOffset(), shipped.walSize(), salt, shipped.walSalt2() + 1, 0);
		assertThat(Generations.areOfOneRow(other, shipped, this.wal, null)).as("another row").isFalse();
		LtxHeader image = header(PAGE_SIZE, 2, WalHeader.SIZE, 0, salt);
		assertThat(Generations.areOfOneRow(image, shipped, this.wal, salt)).as("of no frames").isFalse();
		assertThat(Generations.areOfOneRow(shipped, image, none, null)).as("of no frames").isFalse();
		assertThat(Generations.areOfOneRow(shipped, null, none, null)).as("nothing is known").isFalse();
	}

	/**
	 * The first page proves nothing: a frame that was forced there has changed nothing.
	 */
	@Test
	@Hazard("C4")
	void aDatabaseWithoutItsWalIsCompleteIfItHasThePagesOfTheNewestFile() throws Exception {
		TreeMap<Long, byte[]> same = pages();
		TreeMap<Long, byte[]> first = pages();
		first.remove(2L);
		TreeMap<Long, byte[]> other = pages();
		other.get(2L)[PAGE_SIZE - 1] ^= 1;
		assertThat(isComplete(shippedToTheEnd(), same)).isTrue();
		assertThat(isComplete(shippedToTheEnd(), first)).isFalse();
		assertThat(isComplete(shippedToTheEnd(), other)).isFalse();
		assertThat(isComplete(header(PAGE_SIZE, 2, WalHeader.SIZE, 0, 1), same)).as("of no frames").isFalse();
	}

	private boolean isComplete(LtxHeader header, TreeMap<Long, byte[]> pages) throws IOException {
		Path metaPath = Files.createTempDirectory(this.directory, "meta");
		Spool spool = new Spool(metaPath);
		spool.open();
		Files.write(spool.path(new LtxFileName(header.minTxid(), header.maxTxid())), ltx(header, pages));
		Provenance provenance = new Provenance(metaPath);
		assertThat(new LastStop(this.directory.resolve("app.db"), spool, provenance).look()).isTrue();
		return provenance.isComplete();
	}

	private void requireLost(Continuity continuity, ResyncReason reason, boolean behind) throws IOException {
		assertThat(continuity).isEqualTo(new Continuity(null, reason, behind));
		assertThat(continuity.place(shippedToTheEnd())).isNull();
	}

	/** The newest content of each page in the WAL. */
	private TreeMap<Long, byte[]> pages() throws IOException {
		byte[] bytes = Files.readAllBytes(this.wal);
		TreeMap<Long, byte[]> pages = new TreeMap<>();
		for (int frame = WalHeader.SIZE; frame < bytes.length; frame += FRAME_SIZE) {
			pages.put((long) ByteBuffer.wrap(bytes).getInt(frame),
					Arrays.copyOfRange(bytes, frame + 24, frame + FRAME_SIZE));
		}
		return pages;
	}

	private Set<Long> framesFrom(long offset) throws IOException {
		ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(this.wal));
		Set<Long> pages = new HashSet<>();
		for (int frame = (int) offset; frame < bytes.capacity(); frame += FRAME_SIZE) {
			pages.add((long) bytes.getInt(frame));
		}
		return pages;
	}

	/** It has one frame. */
	private long lastTransaction() throws IOException {
		ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(this.wal));
		int last = bytes.capacity() - FRAME_SIZE;
		assertThat(bytes.getInt(last - FRAME_SIZE + 4)).as("a commit before it").isNotZero();
		return last;
	}

	private static LtxReader shipped(LtxHeader header, TreeMap<Long, byte[]> pages) throws IOException {
		return new LtxReader(new ByteArrayInputStream(ltx(header, pages)), "shipped");
	}

	private static byte[] ltx(LtxHeader header, TreeMap<Long, byte[]> pages) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes, header)) {
			for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
				writer.writePage(page.getKey(), page.getValue(), 0);
			}
			writer.finish();
		}
		return bytes.toByteArray();
	}

	private LtxHeader header(int pageSize, long commit, long walOffset, long walSize, int salt1) throws IOException {
		return new LtxHeader(LtxFormat.NO_CHECKSUM, pageSize, commit, new Txid(2), new Txid(2), 0, 0, walOffset,
				walSize, salt1, shippedToTheEnd().walSalt2(), 0);
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
