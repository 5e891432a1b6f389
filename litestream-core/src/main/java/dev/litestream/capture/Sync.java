package dev.litestream.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.capture.Continuation.Increment;
import dev.litestream.capture.Continuation.Resync;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.continuity.SameDatabase;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.ReadLock;
import dev.litestream.sqlite.StillImage;
import dev.litestream.wal.WalBuffer;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * One step from the WAL to the spool: turns the commits behind the last position into one
 * LTX file. Owns the position in the WAL and the read lock that makes it safe: while the
 * lock is held, frames behind the position cannot vanish unread (see {@link HeldLock}).
 * <p>
 * All methods are called under this object's monitor, which also orders the TXIDs.
 */
public final class Sync {

	private final LiveWal wal;

	private final KnownPages known;

	private final SyncFiles files;

	private final LockConnections connections;

	private final HeldLock lock;

	private Txid txid = Txid.ZERO;

	/**
	 * How the history goes on from there. Written last, because it is also read without
	 * the monitor.
	 */
	private volatile Continuation next = Continuation.UNKNOWN;

	/** Size of the database at the position, in pages. */
	private long commit;

	/**
	 * Whether everything has been read that was in the WAL when the lock was taken.
	 * Before that, a restart of the WAL may have taken frames with it.
	 */
	private volatile boolean anchored;

	/** The header of the first page before we forced a frame, or null if we did not. */
	private @Nullable DatabaseHeader opened;

	/**
	 * Takes the first read lock. {@code opened} is the header of the first page if a
	 * frame has to be forced before the first sync. Fails if there is no WAL where SQLite
	 * has it, or the lock cannot be taken.
	 */
	Sync(Path path, KnownPages known, Spool spool, LockConnections connections, Clock clock,
			@Nullable DatabaseHeader opened) throws IOException, SQLException {
		this.known = known;
		this.opened = opened;
		this.files = new SyncFiles(path, spool, clock);
		this.connections = connections;
		this.lock = new HeldLock(connections::readLock);
		this.wal = new LiveWal(path);
	}

	/** Whether the WAL that SQLite has open has lost its name. */
	boolean isWalGone() {
		return this.wal.isGone();
	}

	public int pageSize() {
		return this.connections.pageSize();
	}

	public Path wal() {
		return this.wal.path();
	}

	/**
	 * Continues a history whose end in the WAL is proved.
	 * @param place the end
	 */
	public void resume(Place place) {
		this.txid = place.txid();
		this.commit = place.commit();
		this.opened = null;
		this.next = new Increment(place.position());
	}

	/**
	 * Continues a history with the whole database.
	 * @param txid the last TXID of the history
	 * @param reason the reason
	 * @param snapshot whether it is a snapshot: it does not continue the earlier history,
	 * but stands for all of it
	 * @param judge judges the database before that, or {@code null} if there is nothing
	 * to compare it with
	 */
	public void resync(Txid txid, ResyncReason reason, boolean snapshot, @Nullable SameDatabase judge) {
		this.txid = txid;
		this.next = new Resync(reason, snapshot, judge);
	}

	/**
	 * Writes the whole database again, as a snapshot that stands for all before it.
	 * @param reason the reason
	 * @return whether it will be written: not while the history is given up, or the
	 * database has not been judged yet
	 */
	public boolean replace(ResyncReason reason) {
		if (!isContinuationKnown() || isJudgementDue()) {
			return false;
		}
		resync(this.txid, reason, true, null);
		return true;
	}

	/**
	 * Gives up the history: nothing is written until it is known again where it goes on.
	 * Meanwhile checkpoints let frames go unread.
	 */
	public void abandon() {
		this.next = Continuation.UNKNOWN;
		this.anchored = false;
	}

	/**
	 * The locks were gone for a time: others may have restarted the WAL meanwhile. Throws
	 * if they cannot be taken again.
	 */
	void locksLost() throws SQLException {
		this.anchored = false;
		if (this.next instanceof Increment) {
			this.next = new Resync(ResyncReason.LOCKS_LOST);
		}
		this.lock.renew();
	}

	/**
	 * Whether the WAL holds frames at least this far behind the position. Only a hint for
	 * grouping: the checksum chain is not followed.
	 */
	public synchronized boolean extendsBy(long bytes) throws IOException {
		WalPosition position = this.next.position();
		return position == null || this.wal.extendsBehind(position, bytes);
	}

	/**
	 * Whether a sync would find nothing. Never waits, as it runs without the monitor; a
	 * sync that runs meanwhile only makes the answer outdated.
	 */
	boolean isAtEndOfWal() throws IOException {
		WalPosition position = this.next.position();
		return position != null && this.anchored && this.wal.endsAt(position);
	}

	public Txid txid() {
		return this.txid;
	}

	/**
	 * Whether it is known where the history goes on: then files are written. While the
	 * replica cannot be reached, the spool alone may have proved it; files are sent only
	 * after the replica was compared too.
	 */
	public boolean isContinuationKnown() {
		return this.next != Continuation.UNKNOWN;
	}

	/**
	 * Whether the database is yet to be judged: nothing was found wrong with it so far.
	 */
	public boolean isJudgementDue() {
		return this.next instanceof Resync due && due.judge() != null;
	}

	/**
	 * Whether the whole database has to be written but the WAL was truncated: there is no
	 * place in it to continue from until a frame is forced.
	 */
	public boolean needsFrame() {
		return this.next instanceof Resync && this.wal.isHeaderless();
	}

	/**
	 * A frame will be forced next. Throws if so many were forced that another one would
	 * be in vain too. Not under the monitor.
	 */
	void forcing() throws IOException {
		this.wal.forcing();
	}

	/**
	 * Distinguishes one generation of the WAL from the next: its first salt.
	 */
	public int generation() {
		WalPosition position = this.next.position();
		return (position != null) ? position.salt1() : 0;
	}

	/**
	 * Logical size of the WAL: the offset of the position, in bytes.
	 */
	public long walSize() {
		WalPosition position = this.next.position();
		return (position != null) ? position.offset() : 0;
	}

	public long databaseSize() {
		return this.commit * this.connections.pageSize();
	}

	/**
	 * Syncs once.
	 * @param maxBytes soft limit of WAL bytes, 0 for none
	 * @param since when the oldest commit was signalled, in nanoseconds
	 * @return the files written, or {@code null} if there is no new commit
	 * @throws IOException if the WAL cannot be read or the spool cannot be written
	 * @throws SQLException if a read lock cannot be taken
	 */
	public @Nullable Step step(long maxBytes, long since) throws IOException, SQLException {
		Continuation next = this.next;
		if (next == Continuation.UNKNOWN) {
			return null;
		}
		this.lock.require();
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = this.wal.open(buffer)) {
			if (reader == null) {
				this.wal.lacksHeader();
				// Torn header, or truncated by a checkpoint while our lock was in slot 0:
				// nothing unread can be missing, and the next commit writes a header.
				return null;
			}
			this.wal.hasHeader();
			if (next instanceof Resync due) {
				return image(due, since);
			}
			WalPosition from = ((Increment) next).position();
			if (reader.header().pageSize() != this.connections.pageSize()) {
				return image(new Resync(ResyncReason.PAGE_SIZE_CHANGED), since);
			}
			if (!from.sameGeneration(reader.header())) {
				if (!this.anchored) {
					return image(new Resync(ResyncReason.WAL_RESET), since);
				}
				// The lock in slot 0 allowed one restart, after everything had been read.
				from = reader.header().start();
			}
			else if (!reader.holds(from)) {
				return image(new Resync(ResyncReason.FRAME_MISMATCH), since);
			}
			WalReader.Scan scan = reader.scan(from, maxBytes);
			if (!scan.limited() && !this.anchored) {
				this.anchored = reader.sameHeader();
			}
			if (scan.isEmpty()) {
				return null;
			}
			Txid txid = this.txid.next();
			SpoolFile written = this.files.increment(reader, from, scan, txid, this.commit, since);
			advance(txid, scan.end(), scan.commit());
			return new Step(written, null, null, null, scan.end().offset() - from.offset(), scan.limited());
		}
	}

	/**
	 * Writes the difference from the replica's state, or the whole database if that state
	 * is not known, as of one place in the WAL.
	 */
	private @Nullable Step image(Resync due, long since) throws IOException, SQLException {
		try (HeldLock.Handover handover = handover();
				WalBuffer buffer = WalBuffer.take();
				WalReader reader = this.wal.open(buffer);
				PageHashes.Reader hashes = due.snapshot() ? null : this.known.open(this.txid, pageSize())) {
			if (reader == null) {
				return null;
			}
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			if (!reader.sameHeader()) {
				// Restarted while it was scanned: try again.
				handover.close();
				return image(due, since);
			}
			DatabasePages pages = this.files.pages(reader, scan, scan.isEmpty() ? handover.pageCount() : scan.commit());
			if (due.judge() != null) {
				requireSame(due.judge(), pages, hashes);
			}
			Txid txid = this.txid.next();
			SyncFiles.Image written = this.files.image(reader, scan.end(), pages, txid, hashes, since);
			SpoolFile whole = due.snapshot() ? this.files.snapshot(written, pages, since) : null;
			advance(txid, scan.end(), pages.count());
			this.anchored = true;
			handover.complete();
			return new Step(written.file(), whole, due.reason(), new Step.Shipped(written.shipped(), pages.shippable()),
					scan.end().offset(), false);
		}
	}

	private void requireSame(SameDatabase judge, DatabasePages pages, PageHashes.@Nullable Reader hashes)
			throws IOException {
		judge.require((this.opened != null) ? this.opened : pages.header(), pages, hashes);
	}

	private void advance(Txid txid, WalPosition end, long pages) {
		this.txid = txid;
		this.commit = pages;
		// Everything replicated from now on comes after it.
		this.opened = null;
		this.next = new Increment(end);
	}

	/**
	 * Takes a new read lock; everything up to the end of the WAL has to be synced before
	 * {@link HeldLock.Handover#complete()} lets the old one go.
	 */
	HeldLock.Handover handover() throws SQLException {
		return this.lock.handover();
	}

	/**
	 * The database as it is at the position, or {@code null} if there is no position.
	 * Called under this object's monitor, after everything that is in the WAL since the
	 * lock was taken has been synced. The lock keeps the image unchanged; closing the
	 * image releases it.
	 */
	@Nullable StillImage still(ReadLock lock) {
		WalPosition position = this.next.position();
		return (position != null && !this.txid.isZero())
				? new StillImage(this.files.path(), this.wal.path(), lock, this.txid, position, this.commit, pageSize())
				: null;
	}

	public void startTimestampsAfter(Instant instant) {
		this.files.startTimestampsAfter(instant);
	}

}
