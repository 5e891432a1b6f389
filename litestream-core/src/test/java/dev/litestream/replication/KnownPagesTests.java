package dev.litestream.replication;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

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

	private boolean bringTo(long txid) throws IOException {
		return this.known.bringTo(new Txid(txid), PAGE, this.replica.listAll(), this.replica);
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
		spool(txid, state);
		LtxFileName name = new LtxFileName(new Txid(txid), new Txid(txid));
		this.known.acknowledged(this.spool.describe(name, Instant.EPOCH));
		this.known.update();
	}

	private void spool(long txid, char state) throws IOException {
		LtxFileName name = new LtxFileName(new Txid(txid), new Txid(txid));
		Files.write(this.spool.path(name), ltx(txid, state));
	}

	private void replicate(long txid, char state) throws IOException {
		this.replica.write(0, new Txid(txid), new Txid(txid), Instant.ofEpochMilli(1),
				new ByteArrayInputStream(ltx(txid, state)));
	}

	/** A state of two pages, both of which change. */
	private static byte[] ltx(long txid, char state) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(bytes,
				new LtxHeader(LtxFormat.NO_CHECKSUM, PAGE, 2, new Txid(txid), new Txid(txid), 1, 0, 32, 0, 1, 2, 0))) {
			writer.writePage(1, page(state), 0);
			writer.writePage(2, page(state), 0);
			writer.finish();
		}
		return bytes.toByteArray();
	}

	private static byte[] page(char state) {
		byte[] page = new byte[PAGE];
		Arrays.fill(page, (byte) state);
		return page;
	}

}
