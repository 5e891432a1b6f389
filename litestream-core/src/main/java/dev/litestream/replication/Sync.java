package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.ReadLock;
import dev.litestream.wal.PageMap;
import dev.litestream.wal.WalBuffer;
import dev.litestream.wal.WalHeader;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * One step from the WAL to the spool: turns the commits behind the last position into one
 * LTX file. Owns the position in the WAL and the read lock that makes it safe: while the
 * lock is held, frames behind the position cannot vanish unread (see {@link ReadLock}).
 * <p>
 * All methods are called under this object's monitor, which also orders the TXIDs.
 */
final class Sync {

	private final Path path;

	private final Path wal;

	private final Path metaPath;

	private final Spool spool;

	private final LockConnections connections;

	private final Clock clock;

	/** Serves one WAL reader at a time; the image has one of its own. */
	private final WalBuffer buffer = new WalBuffer();

	private ReadLock lock;

	private Txid txid = Txid.ZERO;

	/** Where the next frame is expected, or null if continuity is not proved. */
	private @Nullable WalPosition position;

	/** Why the next sync writes the whole database. */
	private ResyncReason resyncReason = ResyncReason.FIRST_SYNC;

	/** Whether that is a snapshot, on which a restore can begin. */
	private boolean snapshot;

	/** Size of the database at the position, in pages. */
	private long commit;

	private long lastTimestamp;

	/** Whether there was no WAL to read when the whole database was to be written. */
	private boolean lacksWal;

	/** Whether TXIDs are known, so that files may be written. */
	private volatile boolean ready;

	private volatile boolean handingOver;

	/**
	 * Whether everything that was in the WAL when the lock was taken has been read.
	 * Before that, a restart of the WAL may have taken frames with it.
	 */
	private boolean anchored;

	Sync(Path path, Path metaPath, Spool spool, LockConnections connections, Clock clock) throws SQLException {
		this.path = path;
		this.wal = path.resolveSibling(path.getFileName() + "-wal");
		this.metaPath = metaPath;
		this.spool = spool;
		this.connections = connections;
		this.clock = clock;
		this.lock = connections.readLock();
	}

	int pageSize() {
		return this.connections.pageSize();
	}

	Path wal() {
		return this.wal;
	}

	/**
	 * Continues a history whose end in the WAL is proved.
	 */
	void resume(Txid txid, WalPosition position, long commit) {
		this.txid = txid;
		this.position = position;
		this.commit = commit;
		this.ready = true;
	}

	/**
	 * Continues a history with the whole database.
	 * @param txid the last TXID of the history
	 * @param reason why it has to be
	 * @param snapshot whether it does not follow from the history before, and stands for
	 * all of it
	 */
	void resync(Txid txid, ResyncReason reason, boolean snapshot) {
		this.snapshot = snapshot;
		this.txid = txid;
		this.position = null;
		this.resyncReason = reason;
		this.ready = true;
	}

	/**
	 * Gives the history up: nothing is written any more.
	 */
	void abandon() {
		this.ready = false;
		this.position = null;
	}

	/**
	 * Says that a checkpoint waits for this object's monitor, or lets go of it.
	 */
	void handingOver(boolean handingOver) {
		this.handingOver = handingOver;
	}

	/**
	 * Whether a checkpoint waits for this object's monitor, or syncs under it: others had
	 * better not take it meanwhile.
	 */
	boolean isHandingOver() {
		return this.handingOver;
	}

	/**
	 * Whether the WAL holds frames at least this far behind the position. Only a hint for
	 * grouping, read without following the checksum chain.
	 */
	synchronized boolean extendsBy(long bytes) throws IOException {
		WalPosition position = this.position;
		if (position == null) {
			return true;
		}
		try (WalReader reader = WalReader.open(this.wal, this.buffer)) {
			if (reader == null) {
				return false;
			}
			long from = position.sameGeneration(reader.header()) ? position.offset() : WalHeader.SIZE;
			long frames = bytes / reader.header().frameSize();
			return reader.hasFrameAt(from + frames * reader.header().frameSize());
		}
	}

	Txid txid() {
		return this.txid;
	}

	boolean isReady() {
		return this.ready;
	}

	/**
	 * Whether the whole database is to be written but the WAL was truncated, so that
	 * there is no place in it to continue from until a frame is forced.
	 */
	boolean needsFrame() {
		return this.ready && this.position == null && this.lacksWal;
	}

	/**
	 * What tells one generation of the WAL from the next: its first salt.
	 */
	int generation() {
		return (this.position != null) ? this.position.salt1() : 0;
	}

	/**
	 * Logical size of the WAL: where the position is, in bytes.
	 */
	long walSize() {
		return (this.position != null) ? this.position.offset() : 0;
	}

	long databaseSize() {
		return this.commit * this.connections.pageSize();
	}

	/**
	 * Syncs once.
	 * @param maxBytes soft limit of WAL bytes, 0 for none
	 * @param since when the oldest commit was signalled, in nanoseconds
	 * @return what was written, or {@code null} if there is no new commit
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if a read lock cannot be taken
	 */
	@Nullable Step step(long maxBytes, long since) throws IOException, SQLException {
		if (!this.ready) {
			return null;
		}
		try (WalReader reader = WalReader.open(this.wal, this.buffer)) {
			this.lacksWal = (reader == null);
			if (reader == null) {
				// Torn header, or truncated by a checkpoint while our lock was in slot 0:
				// nothing unread can be missing, and the next commit writes a header.
				return null;
			}
			if (this.position == null) {
				return image(this.resyncReason, since);
			}
			if (reader.header().pageSize() != this.connections.pageSize()) {
				return image(ResyncReason.PAGE_SIZE_CHANGED, since);
			}
			WalPosition from = this.position;
			if (!from.sameGeneration(reader.header())) {
				if (!this.anchored) {
					return image(ResyncReason.WAL_RESET, since);
				}
				// The lock in slot 0 allowed one restart, after everything had been read.
				from = reader.header().start();
			}
			else if (!reader.holds(from)) {
				return image(ResyncReason.FRAME_MISMATCH, since);
			}
			WalReader.Scan scan = reader.scan(from, maxBytes);
			if (!scan.limited() && !this.anchored) {
				this.anchored = reader.sameHeader();
			}
			if (scan.isEmpty()) {
				return null;
			}
			return new Step(increment(reader, from, scan, since), null, scan.end().offset() - from.offset(),
					scan.limited());
		}
	}

	private SpoolFile increment(WalReader reader, WalPosition from, WalReader.Scan scan, long since)
			throws IOException {
		Txid next = this.txid.next();
		LtxHeader header = header(next, next, scan.commit(), from, scan.end());
		long lockPage = LtxFormat.lockPage(header.pageSize());
		byte[] page = new byte[header.pageSize()];
		int[] changed = scan.pages().sortedPages();
		DatabaseFile file = (scan.commit() > this.commit) ? DatabaseFile.at(this.path) : null;
		Spool.Draft draft = this.spool.draft(next, next);
		SpoolFile written;
		try (LtxWriter writer = new LtxWriter(draft, header)) {
			long grown = this.commit + 1;
			for (int bits : changed) {
				long pgno = Integer.toUnsignedLong(bits);
				// Every page that exists now and did not before is in the file (law 4).
				grown = writeGrowth(writer, file, grown, pgno, lockPage, page);
				if (!reader.readHeldPage(scan.pages().offset(pgno), pgno, page)) {
					throw new IOException("A committed frame of page " + pgno + " changed in " + this.wal
							+ " while it was read; the read lock was lost");
				}
				writer.writePage(pgno, page, 0);
				grown = Math.max(grown, pgno + 1);
			}
			writeGrowth(writer, file, grown, scan.commit() + 1, lockPage, page);
			writer.finish();
			written = draft.publish(header.createdAt(), since);
		}
		catch (IOException | RuntimeException ex) {
			draft.discard();
			throw ex;
		}
		advance(next, scan.end(), scan.commit());
		return written;
	}

	private long writeGrowth(LtxWriter writer, @Nullable DatabaseFile file, long from, long to, long lockPage,
			byte[] page) throws IOException {
		if (file == null) {
			return from;
		}
		for (long pgno = from; pgno < to; pgno++) {
			if (pgno != lockPage) {
				file.readPage(pgno, page.length, page);
				writer.writePage(pgno, page, 0);
			}
		}
		return Math.max(from, to);
	}

	/**
	 * Writes the whole database as it is at one place in the WAL, or what differs from
	 * the state that was just restored. The image is the database file overlaid by the
	 * newest committed frames; pages that no frame holds cannot change in the file
	 * meanwhile, because the lock taken first keeps backfill to frames that the scan has
	 * seen.
	 */
	private @Nullable Step image(ResyncReason reason, long since) throws IOException, SQLException {
		ReadLock snapshot = this.connections.readLock();
		try (WalReader reader = WalReader.open(this.wal); PageDigests.Reader known = knownPages(reason)) {
			if (reader == null) {
				snapshot.close();
				return null;
			}
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			if (!reader.sameHeader()) {
				// Restarted while it was scanned: once more.
				snapshot.close();
				return image(reason, since);
			}
			long pages = scan.isEmpty() ? snapshot.pageCount() : scan.commit();
			Txid next = this.txid.next();
			LtxHeader header = header(this.snapshot ? Txid.FIRST : next, next, pages, reader.header().start(),
					scan.end());
			SpoolFile written = writeImage(reader, scan.pages(), header, known, since);
			advance(next, scan.end(), pages);
			this.anchored = true;
			ReadLock old = this.lock;
			this.lock = snapshot;
			old.close();
			return new Step(written, reason, scan.end().offset(), false);
		}
		catch (IOException | SQLException | RuntimeException ex) {
			snapshot.close();
			throw ex;
		}
	}

	private SpoolFile writeImage(WalReader reader, PageMap frames, LtxHeader header, PageDigests.@Nullable Reader known,
			long since) throws IOException {
		DatabaseFile file = DatabaseFile.at(this.path);
		long lockPage = LtxFormat.lockPage(header.pageSize());
		byte[] page = new byte[header.pageSize()];
		Spool.Draft draft = this.spool.draft(header.minTxid(), header.maxTxid());
		try (LtxWriter writer = new LtxWriter(draft, header)) {
			for (long pgno = 1; pgno <= header.commit(); pgno++) {
				if (pgno == lockPage) {
					continue;
				}
				long offset = frames.offset(pgno);
				if (offset < 0 || !reader.readPage(offset, pgno, page)) {
					file.readPage(pgno, page.length, page);
				}
				if (known == null || !known.same(pgno, page)) {
					writer.writePage(pgno, page, 0);
				}
			}
			writer.finish();
			return draft.publish(header.createdAt(), since);
		}
		catch (IOException | RuntimeException ex) {
			draft.discard();
			throw ex;
		}
	}

	private PageDigests.@Nullable Reader knownPages(ResyncReason reason) throws IOException {
		if (reason != ResyncReason.RESTORED || this.snapshot) {
			return null;
		}
		PageDigests.Reader known = PageDigests.Reader.open(this.metaPath);
		if (known != null && (!known.txid().equals(this.txid) || known.pageSize() != this.connections.pageSize())) {
			known.close();
			return null;
		}
		return known;
	}

	private LtxHeader header(Txid min, Txid max, long pages, WalPosition from, WalPosition end) {
		// Never earlier than the file before, whatever the clock does (restores go by
		// it).
		this.lastTimestamp = Math.max(this.clock.millis(), this.lastTimestamp);
		return new LtxHeader(LtxFormat.NO_CHECKSUM, this.connections.pageSize(), pages, min, max, this.lastTimestamp, 0,
				from.offset(), end.offset() - from.offset(), from.salt1(), from.salt2(), 0);
	}

	private void advance(Txid txid, WalPosition end, long pages) {
		this.txid = txid;
		this.position = end;
		this.commit = pages;
	}

	/**
	 * Takes a new read lock; everything up to the end of the WAL has to be synced before
	 * {@link Handover#complete()} lets the old one go.
	 */
	Handover handover() throws SQLException {
		ReadLock next = this.connections.readLock();
		return new Handover(next);
	}

	/** Lets the read lock go, at the very end. */
	void close() {
		this.lock.close();
	}

	void startTimestampsAfter(Instant instant) {
		this.lastTimestamp = Math.max(this.lastTimestamp, instant.toEpochMilli());
	}

	/** Two read locks held at once. */
	final class Handover implements AutoCloseable {

		private @Nullable ReadLock next;

		private Handover(ReadLock next) {
			this.next = next;
		}

		/** Everything is synced: the new lock replaces the old one. */
		void complete() {
			ReadLock next = this.next;
			if (next != null) {
				this.next = null;
				ReadLock old = Sync.this.lock;
				Sync.this.lock = next;
				old.close();
			}
		}

		/** Gives the new lock up if it did not replace the old one. */
		@Override
		public void close() {
			if (this.next != null) {
				this.next.close();
			}
		}

	}

	/**
	 * What one sync wrote.
	 *
	 * @param file the LTX file
	 * @param resync why it holds the whole database, or {@code null} if it does not
	 * @param walBytes bytes of the WAL that it covers
	 * @param limited whether more may follow at once
	 */
	record Step(SpoolFile file, @Nullable ResyncReason resync, long walBytes, boolean limited) {

	}

}
