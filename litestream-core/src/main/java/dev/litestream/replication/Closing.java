package dev.litestream.replication;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.capture.OpenDatabase;
import dev.litestream.continuity.KnownPages;
import dev.litestream.spool.FileStamp;
import dev.litestream.spool.Provenance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the database of one replicator and leaves what the next start needs to go on:
 * <ol>
 * <li>The last sync, unless the file is gone: then that is remembered.</li>
 * <li>At the end of the application, the WAL is moved into the database file: somebody
 * who copies the file may forget the WAL.</li>
 * <li>Connections and locks are released.</li>
 * <li>The hashes of known pages are updated.</li>
 * <li>If the WAL was moved, the state of the file is remembered.</li>
 * <li>The tasks are reset and the claim is released, even after a failure.</li>
 * </ol>
 * Used under the replicator's monitor.
 */
final class Closing {

	private static final Logger logger = LoggerFactory.getLogger(Closing.class);

	private final DatabaseOptions options;

	private final Claim claim;

	private final FinalSync finalSync;

	private final UploadLoop uploads;

	private final StateMachine state;

	private final KnownPages known;

	private final Provenance provenance;

	Closing(DatabaseOptions options, Claim claim, FinalSync finalSync, UploadLoop uploads, StateMachine state,
			KnownPages known, Provenance provenance) {
		this.options = options;
		this.claim = claim;
		this.finalSync = finalSync;
		this.uploads = uploads;
		this.state = state;
		this.known = known;
		this.provenance = provenance;
	}

	/**
	 * Closes. The timeout is for the last sync; {@code end} says whether the application
	 * ends.
	 */
	void close(Duration timeout, boolean end) {
		try {
			OpenDatabase database = this.claim.database();
			if (database != null) {
				close(database, timeout, end);
			}
		}
		finally {
			this.state.closed(); // step 6
			this.uploads.closed();
			this.claim.release();
		}
	}

	private void close(OpenDatabase database, Duration timeout, boolean end) {
		boolean inOrder = false;
		try {
			if (this.claim.isGone()) { // step 1
				rememberGone();
			}
			else if (this.state.isReconciled()) {
				this.finalSync.atClose(timeout);
			}
			// step 2, even without the replica: files in the spool are as good
			inOrder = end && !this.claim.isGone() && database.sync().isContinuationKnown() && moveIntoFile(database);
		}
		finally {
			this.claim.close(); // step 3
		}
		this.known.update(); // step 4
		if (inOrder) {
			rememberClosed(database); // step 5
		}
	}

	private boolean moveIntoFile(OpenDatabase database) {
		try {
			database.checkpoint();
			return true;
		}
		catch (IOException | SQLException | RuntimeException ex) {
			logger.debug("{}: the WAL was not moved into the database file at the end", this.options.name(), ex);
			return false;
		}
	}

	private void rememberClosed(OpenDatabase database) {
		try {
			FileStamp stamp = FileStamp.of(this.options.file());
			// Another file may have taken its place since.
			if (database.isSameFile()) {
				this.provenance.rememberClosed(stamp);
			}
		}
		catch (IOException ex) {
			logger.debug("{}: the state of the database file could not be recorded", this.options.name(), ex);
		}
	}

	private void rememberGone() {
		try {
			this.provenance.rememberDatabaseGone();
		}
		catch (IOException ex) {
			logger.debug("{}: the fate of the database file could not be recorded", this.options.name(), ex);
		}
	}

}
