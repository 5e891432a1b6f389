package dev.litestream.ltx;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;

import dev.litestream.test.Databases;
import dev.litestream.test.Hazard;
import dev.litestream.test.Oracle;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The real litestream program reads our files, and we read its.
 */
class LtxOracleTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	void filesOfTheRealProgramMergeToWhatItRestores(int pageSize) throws Exception {
		Path database = this.folder.resolve("app.db");
		String url = url();
		change(database, "PRAGMA page_size=" + pageSize, "PRAGMA journal_mode=WAL", "CREATE TABLE t(a, b)",
				rows(400, "value, randomblob(400)"));
		Oracle.replicateOnce(database, url);
		change(database, "UPDATE t SET b = printf('%0500d', a) WHERE a % 5 = 0");
		Oracle.replicateOnce(database, url);
		change(database, "DELETE FROM t WHERE a > 50", "VACUUM");
		Oracle.replicateOnce(database, url);
		change(database, rows(3000, "value, 'again' || value"));
		Oracle.replicateOnce(database, url, "-force-snapshot");
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(url, restored);
		List<Path> files = files("0");
		assertThat(files).hasSizeGreaterThan(2);
		assertThat(files).allSatisfy(LtxOracleTests::assertLaidOutAsDescribed);
		Path merged = this.folder.resolve("merged.db");
		merge(files, merged);
		Databases.sameContent(merged, restored);
		List<Path> snapshots = files("9");
		assertThat(snapshots).isNotEmpty();
		Path snapshot = this.folder.resolve("snapshot.db");
		merge(snapshots.subList(snapshots.size() - 1, snapshots.size()), snapshot);
		Databases.sameContent(snapshot, restored);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 })
	void realProgramRestoresWhatWeWrote(int pageSize) throws Exception {
		Path database = this.folder.resolve("app.db");
		change(database, "PRAGMA page_size=" + pageSize, "CREATE TABLE t(a, b)", rows(3000, "value, randomblob(100)"),
				rows(3000, "value, zeroblob(300)"));
		byte[] image = Files.readAllBytes(database);
		int commit = image.length / pageSize;
		try (LtxWriter writer = new LtxWriter(create("0000000000000001-0000000000000001.ltx"),
				LtxFiles.header(pageSize, commit, 1, 1))) {
			for (int i = 0; i < commit; i++) {
				writer.writePage(i + 1, image, i * pageSize);
			}
			writer.finish();
		}
		SortedMap<Long, byte[]> increment = LtxFiles.pages(pageSize, 4, 2, 3, commit + 1, commit + 2);
		Files.write(ltx("0").resolve("0000000000000002-0000000000000003.ltx"),
				LtxFiles.write(LtxFiles.header(pageSize, commit + 2, 2, 3), increment));
		byte[] expected = Arrays.copyOf(image, image.length + 2 * pageSize);
		increment.forEach((pgno, page) -> System.arraycopy(page, 0, expected, (int) (pgno - 1) * pageSize, pageSize));
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(url(), restored);
		assertThat(Files.readAllBytes(restored)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 4096, 65536 })
	@Hazard("E7")
	void realProgramAndWeAgreeOnFrames(int pageSize) throws Exception {
		RawLtx file = new RawLtx(LtxFiles.header(pageSize, 9, 1, 1));
		byte[] expected = new byte[9 * pageSize];
		for (int i = 0; i < 9; i++) {
			byte[] page = LtxFiles.page(pageSize, i);
			System.arraycopy(page, 0, expected, i * pageSize, pageSize);
			file.frame(i + 1, page, BLOCKSIZE.SIZE_64KB, Bits.BLOCK_INDEPENDENCE, Bits.CONTENT_CHECKSUM);
		}
		Path path = Files.write(ltx("0").resolve("0000000000000001-0000000000000001.ltx"), file.finish(0));
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(url(), restored);
		assertThat(Files.readAllBytes(restored)).isEqualTo(expected);
		Path merged = this.folder.resolve("merged.db");
		merge(List.of(path), merged);
		assertThat(Files.readAllBytes(merged)).isEqualTo(expected);
	}

	@Test
	@Hazard("B6")
	void realProgramRestoresASnapshotBeyondTheLockPage() throws Exception {
		int pageSize = 65536;
		long lockPage = LtxFormat.lockPage(pageSize);
		byte[] page = new byte[pageSize];
		try (LtxWriter writer = new LtxWriter(create("0000000000000001-0000000000000001.ltx"),
				LtxFiles.header(pageSize, lockPage + 1, 1, 1))) {
			for (long pgno = 1; pgno <= lockPage + 1; pgno++) {
				page[7] = (byte) pgno;
				if (pgno != lockPage) {
					writer.writePage(pgno, page, 0);
				}
			}
			writer.finish();
		}
		Path restored = this.folder.resolve("restored.db");
		Oracle.restore(url(), restored);
		assertThat(Files.size(restored)).isEqualTo((lockPage + 1) * pageSize);
		try (var channel = Files.newByteChannel(restored)) {
			for (long pgno : new long[] { lockPage - 1, lockPage, lockPage + 1 }) {
				ByteBuffer read = ByteBuffer.allocate(8);
				channel.position((pgno - 1) * pageSize).read(read);
				assertThat(read.get(7)).isEqualTo((pgno != lockPage) ? (byte) pgno : 0);
			}
		}
	}

	/** Looks at a file of the real program by the offsets in {@link LtxFormat}. */
	private static void assertLaidOutAsDescribed(Path path) throws IOException {
		byte[] bytes = Files.readAllBytes(path);
		ByteBuffer file = ByteBuffer.wrap(bytes);
		LtxFileName name = LtxFileName.parse(path.getFileName().toString());
		assertThat(name).isNotNull();
		LtxHeader header = LtxFiles.reader(bytes).header();
		assertThat(header.minTxid()).isEqualTo(name.minTxid());
		assertThat(header.maxTxid()).isEqualTo(name.maxTxid());
		assertThat(file.getInt(0)).isEqualTo(LtxFormat.MAGIC);
		assertThat(file.getInt(4)).isEqualTo(LtxFormat.NO_CHECKSUM).isEqualTo(header.flags());
		assertThat(file.getInt(8)).isEqualTo(header.pageSize());
		assertThat(file.getInt(12)).isEqualTo((int) header.commit());
		assertThat(file.getLong(16)).isEqualTo(name.minTxid().value());
		assertThat(file.getLong(24)).isEqualTo(name.maxTxid().value());
		assertThat(file.getLong(32)).isEqualTo(header.timestamp());
		assertThat(file.getLong(40)).isZero();
		assertThat(file.getLong(48)).isEqualTo(header.walOffset()).isGreaterThanOrEqualTo(32);
		assertThat(file.getLong(56)).isEqualTo(header.walSize());
		assertThat(file.getInt(64)).isEqualTo(header.walSalt1());
		assertThat(file.getInt(68)).isEqualTo(header.walSalt2());
		assertThat(Arrays.copyOfRange(bytes, 80, 100)).containsOnly(0);
		byte[] encoded = new byte[100];
		header.encode(encoded, 0);
		assertThat(encoded).isEqualTo(Arrays.copyOf(bytes, 100));
		assertThat(file.getShort(104)).isEqualTo((short) LtxFormat.SIZE_PREFIX);
		assertThat(file.getLong(bytes.length - 16)).isZero();
		assertThat(file.getLong(bytes.length - 8)).isNegative();
		int index = bytes.length - 24 - Math.toIntExact(file.getLong(bytes.length - 24));
		assertThat(Arrays.copyOfRange(bytes, index - 6, index)).containsOnly(0);
		SortedMap<Long, byte[]> pages = LtxFiles.read(bytes);
		PageIndex read = PageIndexTests.index(bytes);
		assertThat(read.count()).isEqualTo(pages.size());
		assertThat(pages.keySet()).allMatch(read::contains);
		assertThat(LtxFiles.read(LtxFiles.write(header, pages)).keySet()).isEqualTo(pages.keySet());
	}

	private static void merge(List<Path> files, Path database) throws IOException {
		List<LtxReader> readers = new ArrayList<>();
		for (Path file : files) {
			readers.add(new LtxReader(Files.newInputStream(file), file.getFileName().toString(), 0));
		}
		try (PageMerge merge = new PageMerge(readers);
				OutputStream out = new BufferedOutputStream(Files.newOutputStream(database))) {
			assertThat(merge.header().isSnapshot()).isTrue();
			byte[] page = new byte[merge.header().pageSize()];
			for (long pgno = merge.nextPage(page); pgno != 0; pgno = merge.nextPage(page)) {
				out.write(page);
			}
		}
	}

	private static void change(Path database, String... statements) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	private static String rows(int count, String columns) {
		return "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < " + count
				+ ") INSERT INTO t SELECT " + columns + " FROM n";
	}

	private List<Path> files(String level) throws IOException {
		try (Stream<Path> list = Files.list(ltx(level))) {
			return list.sorted().toList();
		}
	}

	private OutputStream create(String name) throws IOException {
		return Files.newOutputStream(ltx("0").resolve(name));
	}

	private Path ltx(String level) throws IOException {
		return Files.createDirectories(this.folder.resolve("replica/ltx").resolve(level));
	}

	private String url() {
		return "file://" + this.folder.resolve("replica");
	}

}
