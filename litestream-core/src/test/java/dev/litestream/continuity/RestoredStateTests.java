package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;

import dev.litestream.Txid;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.test.Hazard;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is known of a restored database, whenever its restore is killed: as soon as it has
 * its name, that it comes from the replica, and before, nothing.
 */
class RestoredStateTests {

	private static final int PAGE = 4096;

	private static final Txid TXID = new Txid(7);

	@TempDir
	Path directory;

	private Path metaPath;

	private Path database;

	private Path image;

	@BeforeEach
	void restore() throws IOException {
		this.metaPath = this.directory.resolve("meta");
		this.database = this.directory.resolve("app.db");
		this.image = Files.write(this.directory.resolve("image"), new byte[2 * PAGE]);
		Path spool = Files.createDirectories(this.metaPath.resolve("ltx/0"));
		Files.createFile(spool.resolve("0000000000000001-0000000000000001.ltx"));
	}

	@Test
	@Hazard("C4")
	void restoreThatWasKilledBeforeItsHashesWereWholeIsForgotten() throws IOException {
		RestoredState state = RestoredState.begin(this.metaPath);
		state.page(1, new byte[PAGE], PAGE);
		recover();
		assertThat(header()).isNull();
		assertThat(this.metaPath).isDirectoryNotContaining("glob:**.tmp");
	}

	@Test
	@Hazard("C4")
	void restoreThatWasKilledBeforeTheDatabaseHadItsNameIsForgotten() throws IOException {
		Files.write(this.database, new byte[PAGE]);
		ready();
		recover();
		assertThat(header()).isNull();
		assertThat(new Provenance(this.metaPath).remembered(this.database)).isEqualTo(Provenance.Remembered.NOTHING);
		assertThat(spool()).as("of the database that is there still").isNotEmpty();
		assertThat(this.metaPath).isDirectoryNotContaining("glob:**.tmp");
	}

	@Test
	@Hazard("C4")
	void restoreThatWasKilledAfterTheDatabaseHadItsNameIsCompleted() throws IOException {
		ready();
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		recover();
		PageHashesHeader header = header();
		assertThat(header).isNotNull();
		assertThat(header.txid()).isEqualTo(TXID);
		assertThat(header.restored()).isTrue();
		requirePages();
		Provenance identity = new Provenance(this.metaPath);
		assertThat(identity.remembered(this.database)).isEqualTo(Provenance.Remembered.RESTORED);
		assertThat(identity.location()).isEqualTo(client().location());
		assertThat(spool()).as("of the database that was there before").isEmpty();
		recover();
		assertThat(header()).as("not done twice").isNotNull();
	}

	/** Its files are still to be sent. */
	@Test
	void spoolThatTheRestoreWentThroughIsKept() throws IOException {
		ready(true);
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		recover();
		assertThat(header()).isNotNull();
		assertThat(spool()).isNotEmpty();
		Files.write(this.image, new byte[2 * PAGE]);
		ready(false);
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		recover();
		assertThat(spool()).as("of the database that was there before").isEmpty();
	}

	/** The file system may give the inode to the next file that is created. */
	@Test
	@Hazard("C4")
	void inodeOfARestoredFileThatWasGoneIsNotTakenForIt() throws IOException {
		ready();
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		recover();
		Path kept = Files.createLink(this.directory.resolve("kept"), this.database);
		Files.delete(this.database);
		recover();
		Files.move(kept, this.database);
		assertThat(new Provenance(this.metaPath).remembered(this.database)).isEqualTo(Provenance.Remembered.NOTHING);
		assertThat(new Provenance(this.metaPath).isRestored(this.database)).isFalse();
	}

	@Test
	void restoreThatIsNotKilledIsCompleted() throws IOException {
		RestoredState state = ready(false);
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		state.complete();
		state.close();
		assertThat(header()).isNotNull();
		requirePages();
		assertThat(new Provenance(this.metaPath).remembered(this.database)).isEqualTo(Provenance.Remembered.RESTORED);
		assertThat(spool()).as("of the database that was there before").isEmpty();
		assertThat(this.metaPath).isDirectoryNotContaining("glob:**.tmp");
	}

	@Test
	void restoreThatFailsIsForgotten() throws IOException {
		RestoredState state = RestoredState.begin(this.metaPath);
		state.page(1, new byte[PAGE], PAGE);
		state.close();
		assertThat(header()).isNull();
		assertThat(spool()).isNotEmpty();
		assertThat(this.metaPath).isDirectoryNotContaining("glob:**.tmp");
	}

	/** The first restore there: nothing has created the directory yet. */
	@Test
	void theDirectoryIsCreated() throws IOException {
		this.metaPath = this.directory.resolve("nothing/yet");
		RestoredState state = ready(false);
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		state.complete();
		requirePages();
	}

	/** The third page is one that no file holds. */
	@Test
	@Hazard("C4")
	void hashesOfAKilledRestoreAreNotMixedWithThoseOfTheNext() throws IOException {
		RestoredState killed = RestoredState.begin(this.metaPath);
		for (int pgno = 1; pgno <= 3; pgno++) {
			killed.page(pgno, page(9), PAGE);
		}
		killed.ready(this.image, new Txid(5), 3, client(), false);
		RestoredState state = RestoredState.begin(this.metaPath);
		state.page(1, page(1), PAGE);
		state.page(2, page(2), PAGE);
		state.ready(this.image, TXID, 3, client(), false);
		Files.move(this.image, this.database, StandardCopyOption.ATOMIC_MOVE);
		state.complete();
		requirePages();
	}

	/** The two pages are known, and no other. */
	private void requirePages() throws IOException {
		try (PageHashes.Reader reader = new PageHashes(this.metaPath).read()) {
			assertThat(reader).isNotNull();
			assertThat(reader.same(1, page(1))).isTrue();
			assertThat(reader.same(2, page(2))).isTrue();
			assertThat(reader.known(3)).isZero();
		}
	}

	private static byte[] page(int content) {
		byte[] page = new byte[PAGE];
		Arrays.fill(page, (byte) content);
		return page;
	}

	/** With two pages, and all that has to be known before the database gets its name. */
	private void ready() throws IOException {
		ready(false);
	}

	private RestoredState ready(boolean throughSpool) throws IOException {
		RestoredState state = RestoredState.begin(this.metaPath);
		state.page(1, page(1), PAGE);
		state.page(2, page(2), PAGE);
		state.ready(this.image, TXID, 2, client(), throughSpool);
		return state;
	}

	private FileReplicaClient client() {
		return new FileReplicaClient(this.directory.resolve("replica"));
	}

	private void recover() throws IOException {
		RestoredState.recover(this.metaPath, this.database);
	}

	private @Nullable PageHashesHeader header() throws IOException {
		return new PageHashes(this.metaPath).header();
	}

	private Path[] spool() throws IOException {
		try (var files = Files.list(this.metaPath.resolve("ltx/0"))) {
			return files.toArray(Path[]::new);
		}
	}

}
