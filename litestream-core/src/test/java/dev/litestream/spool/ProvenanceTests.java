package dev.litestream.spool;

import java.nio.file.Files;
import java.nio.file.Path;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start tells from the notes of the runs before it. Somebody who writes to the
 * database file is simulated by other bytes in it.
 */
@Hazard("C4")
class ProvenanceTests {

	private static final LtxFileName NEWEST = new LtxFileName(new Txid(5), new Txid(5));

	@TempDir
	Path directory;

	private Path database;

	private Provenance provenance;

	@BeforeEach
	void replicated() throws Exception {
		this.database = this.directory.resolve("app.db");
		write("replicated");
		this.provenance = new Provenance(this.directory);
		this.provenance.rememberDatabase(this.database, 1);
	}

	@Test
	void changeSinceOurLastCheckpointIsACopy() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		checkpoint("ours");
		write("a copy");
		look(StateLeft.UNSUSPICIOUS);
		assertThat(this.provenance.isOverwritten()).isTrue();
		assertThat(this.provenance.isPutBack()).isFalse();
	}

	/** The start itself is no checkpoint: the file may change through its WAL. */
	@Test
	void changeBeforeOurFirstCheckpointIsAnotherProcessesCheckpoint() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		write("checkpointed by another process");
		look(StateLeft.UNSUSPICIOUS);
		assertThat(this.provenance.isOverwritten()).isFalse();
	}

	@Test
	void walOfAFileThatNobodyTouchedIsMissed() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).isTrue();
	}

	@Test
	void walOfAFileThatNobodyTouchedSinceACheckpointIsMissed() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		checkpoint("ours");
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).isTrue();
	}

	/** The process may end before the first start has come to a result. */
	@Test
	void fileThatSomebodyWroteToIsNotMissingItsWalAtTheSecondStart() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		write("by a shell, which has removed the WAL");
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).isFalse();
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).isFalse();
		this.provenance.rememberClosed(FileStamp.of(this.database));
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).as("after a stop in order").isFalse();
	}

	@Test
	void explanationHoldsForOneCommitOnly() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		write("by a shell, which has removed the WAL");
		look(StateLeft.WITHOUT_WAL);
		this.provenance.look(this.database, StateLeft.WITHOUT_WAL, new LtxFileName(new Txid(6), new Txid(6)));
		assertThat(this.provenance.isPutBack()).isTrue();
	}

	@Test
	void explanationEndsWhenTheHistoryGoesOn() throws Exception {
		look(StateLeft.UNSUSPICIOUS);
		write("by a shell, which has removed the WAL");
		look(StateLeft.WITHOUT_WAL);
		this.provenance.rememberDatabase(this.database, 1);
		look(StateLeft.WITHOUT_WAL);
		assertThat(this.provenance.isPutBack()).isTrue();
	}

	private void look(StateLeft left) throws Exception {
		this.provenance.look(this.database, left, NEWEST);
	}

	private void checkpoint(String content) throws Exception {
		this.provenance.checkpointing();
		write(content);
		this.provenance.rememberCheckpointed(FileStamp.of(this.database));
	}

	private void write(String content) throws Exception {
		Files.writeString(this.database, content);
	}

}
