package dev.litestream.restore;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.test.Databases;
import dev.litestream.test.Oracle;
import dev.litestream.test.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Restorer} on a file replica and real databases.
 */
@Timeout(120)
class RestorerTests extends RestoreFixture {

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void everyPointIsRestoredToTheByte(int pageSize) throws Exception {
		this.history = new History(this.client, pageSize, this.temp);
		work(pageSize, 32);
		this.history.write(9, 1, 16);
		this.history.write(1, 1, 10);
		this.history.write(1, 11, 20);
		this.history.write(2, 1, 20);
		this.history.write(1, 21, 30);
		for (int txid = 1; txid <= this.history.last(); txid += 3) {
			Path path = this.temp.resolve("at-" + txid + ".db");
			RestoreResult result = restore(path, RestoreTarget.of(new Txid(txid)));
			assertThat(path).hasBinaryContent(this.history.image(txid));
			assertThat(result.txid()).isEqualTo(new Txid(txid));
			assertThat(result.timestamp()).isEqualTo(History.at(txid));
			assertThat(result.pages() * result.pageSize()).isEqualTo(Files.size(path));
		}
		assertThat(restore(this.output, RestoreTarget.LATEST).txid()).isEqualTo(new Txid(this.history.last()));
		assertThat(this.output).hasBinaryContent(this.history.image(this.history.last()));
		assertThat(Databases.integrity(this.output)).isEqualTo("ok");
	}

	@Test
	void anInstantIsRestored() throws Exception {
		work(4096, 20);
		this.history.snapshot();
		RestoreResult result = restore(this.output, RestoreTarget.before(History.at(13)));
		assertThat(result.txid()).isEqualTo(new Txid(12));
		assertThat(this.output).hasBinaryContent(this.history.image(12));
	}

	@Test
	void theResultTellsWhatWasDone() throws Exception {
		work(4096, 5);
		LtxFileInfo snapshot = this.history.snapshot();
		RestoreResult result = restore(this.output, RestoreTarget.LATEST);
		assertThat(result.path()).isEqualTo(this.output);
		assertThat(result.files()).isEqualTo(1);
		assertThat(result.bytesRead()).isEqualTo(snapshot.size());
		assertThat(result.pageSize()).isEqualTo(4096);
		assertThat(result.took()).isPositive();
	}

	@Test
	void theSinkReceivesEveryPageInOrder() throws Exception {
		work(4096, 30);
		byte[] expected = this.history.image(30);
		List<Long> numbers = new ArrayList<>();
		new Restorer().restore(this.client, RestoreOptions.latest(this.output), (pgno, page, pageSize) -> {
			numbers.add(pgno);
			int from = (int) (pgno - 1) * pageSize;
			assertThat(Arrays.equals(page, 0, pageSize, expected, from, from + pageSize)).isTrue();
		});
		assertThat(numbers).hasSize(expected.length / 4096).isSorted().doesNotHaveDuplicates();
	}

	@Test
	void aSinkThatFailsLeavesNothing() throws Exception {
		work(4096, 3);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> new Restorer().restore(this.client,
				RestoreOptions.latest(this.output), (pgno, page, pageSize) -> {
					throw new IOException("no room for digests");
				}))
			.withMessage("no room for digests");
		assertThat(entries()).isEmpty();
	}

	@Test
	void theDatabaseStaysInWalMode() throws Exception {
		work(4096, 3);
		restore(this.output, RestoreTarget.LATEST);
		byte[] header = Arrays.copyOf(Files.readAllBytes(this.output), 20);
		assertThat(header[18]).isEqualTo((byte) 2);
		assertThat(header[19]).isEqualTo((byte) 2);
	}

	@Test
	void anEmptyReplicaHoldsNoBackup() {
		assertThatExceptionOfType(NoBackupException.class).isThrownBy(() -> restore(this.output, RestoreTarget.LATEST))
			.withMessageContaining(this.client.location());
		assertThat(entries()).isEmpty();
	}

	@Test
	void moreFilesThanMayBeOpenAreMergedInGroups() throws Exception {
		byte[] image = bigImage(60);
		Random random = new Random(1);
		for (int i = 1; i <= 460; i++) {
			image = Arrays.copyOf(image, 4096 * (40 + random.nextInt(20)));
			for (int n = random.nextInt(4); n >= 0; n--) {
				image[random.nextInt(image.length)]++;
			}
			this.history.add(image.clone());
		}
		restore(this.output, IntegrityCheck.NONE);
		assertThat(this.output).hasBinaryContent(this.history.image(460));
		this.history.write(9, 1, 200);
		Path other = this.temp.resolve("other.db");
		RestoreResult result = new Restorer().restore(this.client,
				new RestoreOptions(other, RestoreTarget.LATEST, IntegrityCheck.NONE, false), null);
		assertThat(result.files()).isEqualTo(261);
		assertThat(other).hasBinaryContent(this.history.image(460));
	}

	@Test
	void theLockPageOfADatabasePastOneGigabyteIsFilledIn() throws Exception {
		int pageSize = 65536;
		long lockPage = LtxFormat.lockPage(pageSize);
		LtxHeader header = new LtxHeader(LtxFormat.NO_CHECKSUM, pageSize, lockPage + 2, Txid.FIRST, Txid.FIRST,
				History.at(1).toEpochMilli(), 0, 0, 0, 0, 0, 0);
		ByteArrayOutputStream ltx = new ByteArrayOutputStream();
		byte[] page = new byte[pageSize];
		try (LtxWriter writer = new LtxWriter(ltx, header)) {
			for (long pgno = 1; pgno <= header.commit(); pgno++) {
				if (pgno != lockPage) {
					ByteBuffer.wrap(page).putLong(pgno);
					writer.writePage(pgno, page, 0);
				}
			}
			writer.finish();
		}
		writeRaw(0, 1, ltx.toByteArray());
		restore(this.output, IntegrityCheck.NONE);
		assertThat(Files.size(this.output)).isEqualTo(header.commit() * pageSize);
		try (RandomAccessFile database = new RandomAccessFile(this.output.toFile(), "r")) {
			for (long pgno = lockPage - 2; pgno <= header.commit(); pgno++) {
				database.seek((pgno - 1) * pageSize);
				database.readFully(page);
				assertThat(ByteBuffer.wrap(page).getLong()).isEqualTo((pgno == lockPage) ? 0 : pgno);
			}
		}
	}

	@Test
	void nothingButTheImageLiesOnDisk() throws Exception {
		byte[] image = bigImage(5000);
		this.history.add(image);
		byte[] changed = image.clone();
		changed[4096 * 4999]++;
		this.history.add(changed);
		AtomicInteger staged = new AtomicInteger();
		new Restorer().restore(this.client,
				new RestoreOptions(this.output, RestoreTarget.LATEST, IntegrityCheck.NONE, false),
				(pgno, page, pageSize) -> staged.set((pgno == 1) ? stagedFiles() : staged.get()));
		assertThat(this.output).hasBinaryContent(changed);
		assertThat(staged).as("the lock and the image").hasValue(2);
	}

	@Test
	void oneRestorerServesSeveralThreads() throws Exception {
		work(4096, 20);
		Restorer restorer = new Restorer();
		ExecutorService executor = Executors.newFixedThreadPool(3);
		try {
			List<Callable<RestoreResult>> tasks = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				Path path = this.temp.resolve("restored/" + i + ".db");
				tasks.add(() -> restorer.restore(this.client, RestoreOptions.latest(path), null));
			}
			for (Future<RestoreResult> future : executor.invokeAll(tasks)) {
				assertThat(future.get().path()).hasBinaryContent(this.history.image(20));
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void theRealProgramRestoresTheSame() throws Exception {
		work(4096, 30);
		this.history.write(1, 1, 10);
		this.history.write(9, 1, 15);
		Path theirs = this.temp.resolve("theirs.db");
		String url = "file://" + this.temp.resolve("replica");
		Oracle.restore(url, theirs);
		restore(this.output, RestoreTarget.LATEST);
		Databases.sameContent(this.output, theirs);
		Path theirsEarlier = this.temp.resolve("theirs-earlier.db");
		Oracle.restore(url, theirsEarlier, 17);
		Path oursEarlier = this.temp.resolve("ours-earlier.db");
		restore(oursEarlier, RestoreTarget.of(new Txid(17)));
		Databases.sameContent(oursEarlier, theirsEarlier);
		Path theirsThen = this.temp.resolve("theirs-then.db");
		Oracle.restore(url, theirsThen, History.at(23));
		Path oursThen = this.temp.resolve("ours-then.db");
		restore(oursThen, RestoreTarget.before(History.at(23)));
		Databases.sameContent(oursThen, theirsThen);
	}

	@Test
	void whatTheRealProgramWroteIsRestored() throws Exception {
		Path database = this.temp.resolve("live.db");
		String url = "file://" + this.temp.resolve("replica");
		for (int i = 0; i < 3; i++) {
			try (Connection connection = connect(database)) {
				execute(connection, "PRAGMA journal_mode=WAL");
				new Workload(connection, i).run(20);
			}
			Oracle.replicateOnce(database, url);
		}
		restore(this.output, RestoreTarget.LATEST);
		Path theirs = this.temp.resolve("theirs.db");
		Oracle.restore(url, theirs);
		Databases.sameContent(this.output, theirs);
		assertThat(Databases.integrity(this.output)).isEqualTo("ok");
	}

}
