package dev.litestream.continuity;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.test.Hazard;
import dev.litestream.threads.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Hashes are those of the position asked for, of the replica's own history, or none: a
 * page that went back to what it was before would not be shipped otherwise.
 */
class KnownPagesTests {

	private static final int PAGE = 512;

	@TempDir
	Path directory;

	private Workers workers;

	private Spool spool;

	private KnownPages known;

	private FileReplicaClient replica;

	@BeforeEach
	void open() throws IOException {
		this.workers = new Workers();
		this.spool = new Spool(this.directory.resolve("meta"));
		this.spool.open();
		this.known = new KnownPages("test", this.spool, new PageHashes(this.directory.resolve("meta")), this.workers);
		this.replica = new FileReplicaClient(this.directory.resolve("replica"));
		this.replica.open();
	}

	@AfterEach
	void close() throws IOException {
		this.replica.close();
		this.workers.close();
	}

	@Test
	@Hazard("A12")
	void whatIsInTheSpoolOnlyIsTakenIn() throws IOException {
		acknowledge(1, 'A');
		spool(2, 'B');
		requireState(2, 'B');
	}

	@Test
	@Hazard("A12")
	void hashesThatAreStaleByOneFileAreOfNoUse() throws IOException {
		acknowledge(1, 'A');
		assertThat(this.known.open(new Txid(2), PAGE)).as("the file in between is in no place").isNull();
		spool(3, 'C');
		assertThat(this.known.open(new Txid(3), PAGE)).as("the file in between is in no place").isNull();
		requireState(1, 'A');
	}

	@Test
	void hashesThatAreAheadAreOfNoUse() throws IOException {
		acknowledge(1, 'A');
		acknowledge(2, 'B');
		assertThat(this.known.open(new Txid(1), PAGE)).isNull();
	}

	@Test
	@Hazard("C1")
	void hashesAreBroughtForwardFromTheReplica() throws IOException {
		acknowledge(1, 'A');
		replicate(1, 'A');
		replicate(2, 'B');
		assertThat(bringTo(2)).isTrue();
		requireState(2, 'B');
	}

	@Test
	@Hazard("C1")
	void hashesThatAreAheadAreMadeAnewFromTheReplica() throws IOException {
		acknowledge(1, 'A');
		acknowledge(2, 'B');
		this.spool.clear();
		replicate(1, 'A');
		assertThat(bringTo(1)).isTrue();
		requireState(1, 'A');
	}

	@Test
	@Hazard("C9")
	void hashesOfAnotherHistoryAreMadeAnewFromTheReplica() throws IOException {
		acknowledge(1, 'A');
		this.spool.clear();
		replicate(1, 'X');
		assertThat(bringTo(1)).isTrue();
		requireState(1, 'X');
	}

	@Test
	@Hazard("C5")
	void gapInTheReplicaLeavesNoHashes() throws IOException {
		replicate(1, 'A');
		replicate(3, 'C');
		assertThat(bringTo(3)).isFalse();
		assertThat(this.known.header()).isNull();
		assertThat(this.known.open(new Txid(3), PAGE)).isNull();
	}

	/** Of what was on its way here, the replica holds another writer's. */
	@Test
	@Hazard("C9")
	void hashesOfWhatNeverGotThereAreMadeAnewFromTheReplica() throws Exception {
		acknowledge(1, 'A');
		spool(2, 'B');
		try (PageHashes.Reader reader = this.known.open(new Txid(2), PAGE)) {
			assertThat(reader).isNotNull();
		}
		replicate(1, 1, 2, ltx(1, 2, 'X', 1, 2));
		replicate(0, 3, 3, ltx(3, 3, 'X', 1));
		assertThat(bringTo(3, false)).isTrue();
		requireState(3, 'X');
	}

	@Test
	@Hazard("C9")
	void whatWaitsHereDoesNotStandForAnotherWritersFiles() throws Exception {
		acknowledge(1, 'A');
		spool(2, 'B');
		replicate(1, 'A');
		replicate(0, 2, 2, ltx(2, 2, 'X', 1, 2));
		replicate(0, 3, 3, ltx(3, 3, 'X', 1));
		assertThat(bringTo(3, false)).isTrue();
		requireState(3, 'X');
	}

	@Test
	@Hazard("C9")
	void interruptedUpdateByWhatNeverGotThereIsMadeAnewFromTheReplica() throws Exception {
		acknowledge(1, 'A');
		interruptedUpdate(2, 'B');
		replicate(1, 'A');
		replicate(0, 2, 2, ltx(2, 2, 'X', 1));
		assertThat(bringTo(2, false)).isTrue();
		try (PageHashes.Reader reader = this.known.open(new Txid(2), PAGE)) {
			assertThat(reader).isNotNull();
			assertThat(reader.same(2, page('A'))).isTrue();
		}
	}

	@Test
	@Hazard("A12")
	void interruptedUpdateIsNotCompletedByLess() throws Exception {
		acknowledge(1, 'A');
		interruptedUpdate(3, 'C');
		acknowledge(2, 2, 'B', 1);
		PageHashesHeader header = this.known.header();
		assertThat(header).isNotNull();
		assertThat(header.ahead()).isEqualTo(new Txid(3));
		assertThat(this.known.open(new Txid(2), PAGE)).as("page 2 is of TXID 3").isNull();
	}

	@Test
	@Hazard("C1")
	void hashesOfWhatThePowerTookAreForgotten() throws Exception {
		acknowledge(1, 'A');
		acknowledge(2, 'B');
		this.known.removeAhead(new Txid(2));
		requireState(2, 'B');
		this.known.removeAhead(new Txid(1));
		assertThat(this.known.header()).isNull();
	}

	/** The part that is known needs neither the spool nor the replica any more. */
	@Test
	void onlyWhatIsNewIsReadFromTheReplica() throws IOException {
		acknowledge(1, 'A');
		this.spool.clear();
		replicate(2, 'B');
		assertThat(bringTo(2)).isTrue();
		requireState(2, 'B');
	}

	@Test
	@Hazard("C9")
	void hashesThatEndLikeTheReplicasFileAreGoneOnWith() throws IOException {
		acknowledge(1, 'A');
		acknowledge(2, 'B');
		this.spool.clear();
		replicate(2, 'B');
		replicate(3, 'C');
		assertThat(bringTo(3)).isTrue();
		requireState(3, 'C');
	}

	@Test
	@Hazard("C9")
	void hashesThatNoFileReplacesAreForgotten() throws IOException {
		acknowledge(1, 'A');
		this.spool.clear();
		replicate(1, 'X');
		replicate(3, 'C');
		assertThat(bringTo(3)).isFalse();
		assertThat(this.known.header()).isNull();
	}

	@Test
	@Hazard("B10")
	void hashesOfAnotherPageSizeAreOfNoUse() throws IOException {
		acknowledge(1, 'A');
		assertThat(this.known.open(new Txid(1), 2 * PAGE)).isNull();
		assertThat(this.known.bringTo(new Txid(1), 2 * PAGE, this.replica.listAll(), this.replica, true)).isFalse();
	}

	/** Its files are in the replica by then. */
	@Test
	@Hazard("A12")
	void interruptedUpdateIsCompletedFromTheReplica() throws Exception {
		acknowledge(1, 'A');
		interruptedUpdate(2, 'B');
		replicate(2, 'B');
		assertThat(bringTo(2)).isTrue();
		requireState(2, 'B');
	}

	@Test
	@Hazard("A12")
	void interruptedUpdateIsCompletedFromTheSpool() throws Exception {
		acknowledge(1, 'A');
		interruptedUpdate(2, 'B');
		spool(2, 'B');
		requireState(2, 'B');
	}

	/** A merged file of the replica may lead too far. */
	@Test
	void filesThatLeadBeyondThePositionAreLeftOut() throws Exception {
		acknowledge(1, 'A');
		replicate(2, 'B');
		replicate(1, 2, 3, ltx(2, 3, 'C', 1, 2));
		assertThat(bringTo(2)).isTrue();
		requireState(2, 'B');
	}

	@Test
	void hashesDoNotBeginWithAFileThatLacksPages() throws IOException {
		acknowledge(2, 2, 'A', 1);
		assertThat(this.known.header()).isNull();
	}

	@Test
	void acknowledgedFilesAreTakenInAndDeletedExceptTheNewest() throws IOException {
		acknowledge(1, 'A');
		for (int txid = 2; txid <= 3; txid++) {
			acknowledge(txid, txid, 'B', 2);
			PageHashesHeader header = this.known.header();
			assertThat(header).isNotNull();
			assertThat(header.txid()).isEqualTo(new Txid(txid));
			assertThat(this.spool.list()).containsExactly(new LtxFileName(new Txid(txid), new Txid(txid)));
		}
	}

	@ParameterizedTest
	@CsvSource({ "128, 1", "1, 16777216" })
	void acknowledgedFilesAreTakenInOnceTheyAreManyOrLarge(int count, long size) throws Exception {
		LtxFileName name = new LtxFileName(Txid.FIRST, Txid.FIRST);
		Files.write(this.spool.path(name), ltx(1, 'A'));
		SpoolFile file = this.spool.describe(name, Instant.EPOCH);
		for (int i = 0; i < count; i++) {
			this.known.acknowledged(
					new SpoolFile(file.minTxid(), file.maxTxid(), file.timestamp(), size, file.path(), file.since()));
		}
		await().until(() -> this.known.header() != null);
	}

	/** The disk was full when it was written. */
	@Test
	@Hazard("A12")
	void fileThatCouldNotBeWrittenBeforeIsTakenIn() throws Exception {
		acknowledge(1, 'A');
		Path inTheWay = this.directory.resolve("meta/ltx/0/0000000000000002-0000000000000002.ltx.tmp");
		try (Spool.Draft draft = this.spool.draft(new Txid(2), new Txid(2))) {
			draft.write(ltx(2, 'B'));
			SpoolFile file = draft.publish(Instant.EPOCH, 0, null);
			Files.createDirectory(inTheWay);
			assertThatIOException().isThrownBy(() -> this.spool.store(file));
		}
		Files.delete(inTheWay);
		requireState(2, 'B');
	}

	/** The files here are no part of the history that the next one continues. */
	@Test
	@Hazard("C9")
	void whatIsOfAnotherHistoryIsClearedBeforeTheReplicasIsGoneOnWith() throws Exception {
		acknowledge(1, 'A');
		spool(2, 'B');
		replicate(1, 'X');
		Evidence evidence = new Evidence(new Evidence.Replica(Txid.FIRST, true, true, Agreement.ANOTHER, true),
				new Evidence.Kept(null, false, true, new Txid(2), null, false),
				new Evidence.Wal(PAGE, Continuity.lost(ResyncReason.LOCAL_STATE_LOST), false, false),
				new Evidence.Memory(Remembered.NOTHING, false, false, false, false, null));
		for (Decision.Source source : List.of(Decision.Source.HERE, Decision.Source.ELSEWHERE)) {
			new Preparation(DatabaseOptions.of(this.directory.resolve("app.db")).build(),
					this.directory.resolve("app.db-wal"), PAGE, this.spool, this.known, this.replica,
					new Provenance(this.directory.resolve("meta")))
				.prepare(new Decision.Resync(Txid.FIRST, ResyncReason.LOCAL_STATE_LOST, false, true, List.of(), source,
						null, List.of()), evidence, this.replica.listAll());
			assertThat(this.spool.list().isEmpty()).as("%s", source).isEqualTo(source == Decision.Source.ELSEWHERE);
		}
		requireState(1, 'X');
	}

	/** A restore goes through the files that follow; those behind a gap are put aside. */
	@Test
	void unsentFilesContinueTheReplicaUpToAGapOrBehindASnapshot() throws Exception {
		replicate(1, 'A');
		for (int txid : new int[] { 1, 2, 4 }) {
			spool(txid, 'A');
		}
		LtxFileName behind = new LtxFileName(new Txid(4), new Txid(4));
		Provenance provenance = new Provenance(this.directory.resolve("meta"));
		UnsentFiles unsent = UnsentFiles.find(this.spool, provenance, this.replica);
		assertThat(unsent.continuing()).extracting(LtxFileInfo::maxTxid).containsExactly(new Txid(2));
		assertThat(unsent.others()).containsExactly(behind);
		LtxFileName snapshot = new LtxFileName(Txid.FIRST, new Txid(4));
		Files.write(this.spool.path(snapshot), ltx(1, 4, 'A', 1, 2));
		unsent = UnsentFiles.find(this.spool, provenance, this.replica);
		assertThat(unsent.continuing()).extracting(LtxFileInfo::fileName)
			.containsExactly(new LtxFileName(new Txid(2), new Txid(2)).toString(), behind.toString(),
					snapshot.toString());
		assertThat(unsent.others()).isEmpty();
	}

	@Test
	@Hazard("A12")
	void pagesOfNewFilesAreNotReadAgain() throws Exception {
		acknowledge(1, 'A');
		this.known.acknowledged(written(2, 'B', 1));
		this.known.acknowledged(written(3, 'C', 2));
		Files.delete(this.spool.path(new LtxFileName(new Txid(2), new Txid(2))));
		this.known.update();
		requireState(3, 'C');
		PageHashesHeader header = this.known.header();
		assertThat(header).isNotNull();
		try (LtxReader read = new LtxReader(new ByteArrayInputStream(ltx(3, 3, 'C', 2)), "3")) {
			read.nextPage(new byte[PAGE]);
			read.nextPage(new byte[PAGE]);
			assertThat(header.trailer()).isEqualTo(read.fileChecksum());
		}
		assertThat(header.first()).startsWith('B').hasSize(100);
		try (PageHashes.Reader reader = this.known.open(new Txid(3), PAGE)) {
			assertThat(reader).isNotNull();
			assertThat(reader.same(1, page('B'))).isTrue();
		}
	}

	@Test
	@Hazard("A12")
	void newFileBehindOneThatIsNotKnownIsReadTogetherWithIt() throws Exception {
		acknowledge(1, 'A');
		spool(2, 'B');
		this.known.acknowledged(written(3, 'C', 1));
		this.known.update();
		requireState(3, 'B');
	}

	@Test
	@Hazard("A12")
	void newFilesOfAHistoryThatWasGivenUpAreForgotten() throws Exception {
		acknowledge(1, 'A');
		this.known.acknowledged(written(2, 'B', 1, 2));
		this.known.forgetAcknowledged();
		Files.delete(this.spool.path(new LtxFileName(new Txid(2), new Txid(2))));
		this.known.acknowledged(written(2, 'C', 1, 2));
		this.known.update();
		requireState(2, 'C');
	}

	/** A file that was just written to the spool. */
	private SpoolFile written(long txid, char state, long... pages) throws IOException {
		Spool.Draft draft = this.spool.draft(new Txid(txid), new Txid(txid));
		try (LtxWriter writer = new LtxWriter(draft, header(txid, txid))) {
			writer.keepSums();
			for (long pgno : pages) {
				writer.writePage(pgno, page(state), 0);
			}
			writer.finish();
			SpoolFile file = draft.publish(Instant.EPOCH, System.nanoTime(), writer.sums());
			this.spool.store(file);
			return file;
		}
	}

	/** All pages are overwritten, but the position is not moved. */
	private void interruptedUpdate(long txid, char state) throws IOException {
		PageHashes hashes = new PageHashes(this.directory.resolve("meta"));
		try (PageHashesUpdate update = hashes.update(new Txid(txid));
				LtxReader ltx = new LtxReader(new ByteArrayInputStream(ltx(2, txid, state, 1, 2)), "interrupted")) {
			update.apply(ltx);
		}
	}

	private boolean bringTo(long txid) throws IOException {
		return bringTo(txid, true);
	}

	private boolean bringTo(long txid, boolean ours) throws IOException {
		return this.known.bringTo(new Txid(txid), PAGE, this.replica.listAll(), this.replica, ours);
	}

	/** Of the pages of all states only those of this one are known. */
	private void requireState(long txid, char state) throws IOException {
		for (char other : "ABCX".toCharArray()) {
			try (PageHashes.Reader reader = this.known.open(new Txid(txid), PAGE)) {
				assertThat(reader).isNotNull();
				assertThat(reader.same(2, page(other))).as("page of state %s", other).isEqualTo(other == state);
			}
		}
	}

	/** A file in the spool that the replica has, as far as that is known. */
	private void acknowledge(long txid, char state) throws IOException {
		acknowledge(txid, txid, state, 1, 2);
	}

	private void acknowledge(long min, long max, char state, long... pages) throws IOException {
		LtxFileName name = new LtxFileName(new Txid(min), new Txid(max));
		Files.write(this.spool.path(name), ltx(min, max, state, pages));
		this.known.acknowledged(this.spool.describe(name, Instant.EPOCH));
		this.known.update();
	}

	private void spool(long txid, char state) throws IOException {
		LtxFileName name = new LtxFileName(new Txid(txid), new Txid(txid));
		Files.write(this.spool.path(name), ltx(txid, state));
	}

	private void replicate(long txid, char state) throws IOException {
		replicate(0, txid, txid, ltx(txid, state));
	}

	private void replicate(int level, long min, long max, byte[] ltx) throws IOException {
		this.replica.write(level, new Txid(min), new Txid(max), Instant.ofEpochMilli(1), new ByteArrayInputStream(ltx));
	}

	/** A state of two pages, both of which change. */
	private static byte[] ltx(long txid, char state) throws IOException {
		return ltx(txid, txid, state, 1, 2);
	}

	private static byte[] ltx(long min, long max, char state, long... pages) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes, header(min, max))) {
			for (long pgno : pages) {
				writer.writePage(pgno, page(state), 0);
			}
			writer.finish();
		}
		return bytes.toByteArray();
	}

	private static LtxHeader header(long min, long max) {
		return new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE, 2, new Txid(min), new Txid(max), 1, 0, 32, 0, 1, 2, 0);
	}

	private static byte[] page(char state) {
		byte[] page = new byte[PAGE];
		Arrays.fill(page, (byte) state);
		return page;
	}

}
