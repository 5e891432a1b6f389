package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.wal.WalReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state in which the last stop left a database. It is examined before the application
 * opens the database, because its first commits may hide that an older copy was put back.
 *
 * @param file the database file, behind all links
 * @param spool where its files lie
 * @param provenance remembers the result
 */
public record LastStop(Path file, Spool spool, Provenance provenance) {

	private static final Logger logger = LoggerFactory.getLogger(LastStop.class);

	/**
	 * Examines the state, and remembers the result until it is known where the history
	 * goes on.
	 * @return whether the WAL could be compared with the spool; if not, this has to be
	 * tried again
	 * @throws IOException if the database file cannot be read
	 */
	public boolean look() throws IOException {
		boolean behind = false;
		boolean compared = false;
		try (WalReader wal = WalReader.open(this.file.resolveSibling(this.file.getFileName() + "-wal"))) {
			LtxHeader newest = this.spool.newestHeader();
			behind = newest != null && Continuity.isBehind(wal, newest);
			compared = true;
		}
		catch (IOException ex) {
			// A later reader of the spool reports it.
			logger.debug("The WAL of {} cannot be compared with the spool yet", this.file, ex);
		}
		this.provenance.look(this.file, behind);
		return compared;
	}

}
