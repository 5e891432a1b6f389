package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

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

	/** With two pages, and all that has to be known before the database gets its name. */
	private void ready() throws IOException {
		ready(false);
	}

	private void ready(boolean throughSpool) throws IOException {
		RestoredState state = RestoredState.begin(this.metaPath);
		state.page(1, new byte[PAGE], PAGE);
		state.page(2, new byte[PAGE], PAGE);
		state.ready(this.image, TXID, 2, client(), throughSpool);
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
