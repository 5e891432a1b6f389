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
 * What the last stop has left of a database. It is looked at before the application opens
 * it, whose first commits may hide that an older copy was put back.
 *
 * @param file the database file, behind all links
 * @param spool where its files lie
 * @param provenance remembers what is found
 */
public record LastStop(Path file, Spool spool, Provenance provenance) {

	private static final Logger logger = LoggerFactory.getLogger(LastStop.class);

	/**
	 * Looks, and remembers what is found until it is known where the history goes on.
	 * @return whether the WAL could be compared with the spool; else it has to be looked
	 * at again
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
			// Who reads the spool later reports it.
			logger.debug("The WAL of {} cannot be compared with the spool yet", this.file, ex);
		}
		this.provenance.look(this.file, behind);
		return compared;
	}

}
