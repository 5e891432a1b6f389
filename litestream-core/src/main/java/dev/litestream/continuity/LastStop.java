package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.StateLeft;
import dev.litestream.sqlite.DatabaseFile;
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
		StateLeft left = StateLeft.UNSUSPICIOUS;
		LtxFileName name = null;
		boolean compared = false;
		try (WalReader wal = WalReader.open(this.file.resolveSibling(this.file.getFileName() + "-wal"))) {
			LtxHeader newest = this.spool.newestHeader();
			if (newest != null) {
				name = new LtxFileName(newest.minTxid(), newest.maxTxid());
				left = (wal != null) ? compared(wal, newest) : withoutWal(newest, name);
			}
			compared = true;
		}
		catch (IOException ex) {
			// A later reader of the spool reports it.
			logger.debug("The WAL of {} cannot be compared with the spool yet", this.file, ex);
		}
		if (this.provenance.look(this.file, left, name)) {
			logger
				.warn("Another program has written to {} while it was not replicated, also to pages of the newest commit."
						+ " Whether that commit is still there cannot be told: if the -wal had been lost before, it is not. It"
						+ " can be restored from the replica (litestream restore -timestamp)", this.file);
		}
		return compared;
	}

	private static StateLeft compared(WalReader wal, LtxHeader newest) throws IOException {
		return Continuity.isBehind(wal, newest) ? StateLeft.OLDER_WAL : StateLeft.UNSUSPICIOUS;
	}

	/**
	 * Whoever removes a WAL in order has written all of it to the file before. The first
	 * page proves nothing: a frame that was forced there has changed nothing.
	 */
	private StateLeft withoutWal(LtxHeader newest, LtxFileName name) throws IOException {
		if (newest.walSize() == 0 || name.toString().equals(this.provenance.fetched())) {
			return StateLeft.UNSUSPICIOUS;
		}
		DatabaseFile database = DatabaseFile.at(this.file);
		byte[] shipped = new byte[newest.pageSize()];
		byte[] page = new byte[newest.pageSize()];
		boolean any = false;
		try (LtxReader ltx = new LtxReader(this.spool.read(name), name.toString())) {
			for (long pgno = ltx.nextPage(shipped); pgno != 0; pgno = ltx.nextPage(shipped)) {
				database.readPage(pgno, page.length, page);
				if (!Arrays.equals(shipped, page)) {
					return StateLeft.WITHOUT_WAL;
				}
				any |= pgno > 1;
			}
		}
		return any ? StateLeft.CHECKPOINTED : StateLeft.UNSUSPICIOUS;
	}

}
