package dev.litestream.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.PageHashes;
import dev.litestream.continuity.SameDatabase;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.sqlite.LockConnections;
import dev.litestream.sqlite.ReadLock;
import dev.litestream.sqlite.StillImage;
import dev.litestream.wal.WalBuffer;
import dev.litestream.wal.WalHeader;
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

	/** A checkpoint of another program may truncate the WAL behind a few frames. */
	private static final int FORCED_AT_MOST = 10;

	private static final long TORN_AT_MOST = TimeUnit.SECONDS.toNanos(1);

	private final Path wal;

	/** What tells the WAL that SQLite has open from another file of its name. */
	private final Object walKey;

	private final KnownPages known;

	private final SyncFiles files;

	private final LockConnections connections;

	private final HeldLock lock;

	private Txid txid = Txid.ZERO;

	/** Where the next frame is expected, or null if continuity is not proved. */
	private volatile @Nullable WalPosition position;

	/** Since when the WAL has lacked a valid header, in nanoseconds, or null. */
	private @Nullable Long headerlessSince;

	/** Why the next sync writes the whole database. */
	private ResyncReason resyncReason = ResyncReason.FIRST_SYNC;

	/** Whether that is a snapshot, on which a restore can begin. */
	private boolean snapshot;

	/** Size of the database at the position, in pages. */
	private long commit;

	/** Whether there was no WAL to read when the whole database was to be written. */
	private boolean lacksWal;

	/** Frames forced since the WAL was last seen. */
	private final AtomicInteger forced = new AtomicInteger();

	/** Whether TXIDs are known, so that files may be written. */
	private volatile boolean ready;

	private volatile boolean handingOver;

	/**
	 * Whether everything that was in the WAL when the lock was taken has been read.
	 * Before that, a restart of the WAL may have taken frames with it.
	 */
	private volatile boolean anchored;

	/** What the first page said before we forced a frame, or null if we did not. */
	private @Nullable DatabaseHeader opened;

	/** Judges the database before a resync ships anything, or null if none need. */
	private @Nullable SameDatabase judge;

	/**
	 * Takes the first read lock.
	 * @param path the database file
	 * @param known what is known of the replica's pages
	 * @param spool where files are written
	 * @param connections to the database
	 * @param clock the time for LTX headers
	 * @param opened what the first page says, if a frame is to be forced before the first
	 * sync
	 * @throws IOException if there is no WAL where SQLite has it
	 * @throws SQLException if the lock cannot be taken
	 */
	Sync(Path path, KnownPages known, Spool spool, LockConnections connections, Clock clock,
			@Nullable DatabaseHeader opened) throws IOException, SQLException {
		this.wal = path.resolveSibling(path.getFileName() + "-wal");
		this.known = known;
		this.opened = opened;
		this.files = new SyncFiles(path, spool, clock);
		this.connections = connections;
		this.lock = new HeldLock(connections::readLock);
		Object key = walKey();
		if (key == null) {
			throw new IOException("SQLite has the database " + path + " open, but its WAL is not at " + this.wal
					+ ": let no other program remove it, and restart the application");
		}
		this.walKey = key;
	}

	private @Nullable Object walKey() {
		try {
			return DatabaseFile.key(this.wal);
		}
		catch (IOException ex) {
			return null;
		}
	}

	/** Whether the WAL that SQLite has open has lost its name. */
	boolean isWalGone() {
		return walKey() == null;
	}

	/**
	 * As long as our read lock is there, SQLite neither removes the WAL nor creates
	 * another one. To be called after it was opened, even in vain: what was read is the
	 * WAL then.
	 */
	private void requireWal() throws IOException {
		Object key = walKey();
		if (key == null) {
			throw new IOException("The WAL " + this.wal + " was deleted while the application has the database open."
					+ " Commits go to a file without a name: they are not replicated, and lost if the process is"
					+ " killed. Stop the application in good order, which moves them into the database, and start"
					+ " it again; let nothing but SQLite touch the files beside the database");
		}
		if (!key.equals(this.walKey)) {
			throw new IOException("The WAL " + this.wal + " was replaced by another file while the application has the"
					+ " database open: another process writes to the database, and neither knows of the other's"
					+ " commits. Stop both, check the database (PRAGMA integrity_check) or restore it, and start the"
					+ " application again; let nothing but SQLite touch the files beside the database");
		}
	}

	public int pageSize() {
		return this.connections.pageSize();
	}

	public Path wal() {
		return this.wal;
	}

	/**
	 * Continues a history whose end in the WAL is proved.
	 * @param place the end
	 */
	public void resume(Place place) {
		this.txid = place.txid();
		this.position = place.position();
		this.commit = place.commit();
		this.snapshot = false;
		this.judge = null;
		this.opened = null;
		this.ready = true;
	}

	/**
	 * Continues a history with the whole database.
	 * @param txid the last TXID of the history
	 * @param reason why it has to be
	 * @param snapshot whether it does not follow from the history before, and stands for
	 * all of it
	 * @param judge judges the database first, or {@code null} if there is nothing to
	 * compare it with
	 */
	public void resync(Txid txid, ResyncReason reason, boolean snapshot, @Nullable SameDatabase judge) {
		this.judge = judge;
		this.snapshot = snapshot;
		this.txid = txid;
		this.position = null;
		this.resyncReason = reason;
		this.ready = true;
	}

	/**
	 * Writes the whole database once more, as a snapshot that stands for all before it.
	 * @param reason why it has to be
	 * @return whether it will be: not while the history is given up, or the database is
	 * yet to be judged
	 */
	public boolean replace(ResyncReason reason) {
		if (!this.ready || this.judge != null) {
			return false;
		}
		resync(this.txid, reason, true, null);
		return true;
	}

	/**
	 * Gives the history up: nothing is written any more until it is known anew where it
	 * goes on. Checkpoints let frames go unread meanwhile.
	 */
	public void abandon() {
		this.ready = false;
		this.position = null;
		this.anchored = false;
	}

	/**
	 * The locks were gone for a time: others may have restarted the WAL meanwhile.
	 * @throws SQLException if they cannot be taken again
	 */
	void locksLost() throws SQLException {
		this.anchored = false;
		if (this.position != null) {
			this.position = null;
			this.resyncReason = ResyncReason.LOCKS_LOST;
		}
		this.lock.renew();
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
	public boolean isHandingOver() {
		return this.handingOver;
	}

	/**
	 * Whether the WAL holds frames at least this far behind the position. Only a hint for
	 * grouping, read without following the checksum chain.
	 */
	public synchronized boolean extendsBy(long bytes) throws IOException {
		WalPosition position = this.position;
		if (position == null) {
			return true;
		}
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = WalReader.open(this.wal, buffer)) {
			if (reader == null) {
				return false;
			}
			long from = position.sameGeneration(reader.header()) ? position.offset() : WalHeader.SIZE;
			long frames = bytes / reader.header().frameSize();
			return reader.hasFrameAt(from + frames * reader.header().frameSize());
		}
	}

	/**
	 * Whether a sync would find nothing, which is decided as it would be: the WAL is the
	 * same, the frame before the position is, and none follows it (law 3). Not under the
	 * monitor, so that it never waits; a sync that runs meanwhile only makes it untrue.
	 */
	boolean isAtEndOfWal() throws IOException {
		WalPosition position = this.position;
		if (position == null || !this.ready || !this.anchored) {
			return false;
		}
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = WalReader.open(this.wal, buffer)) {
			return reader != null && this.walKey.equals(walKey()) && position.sameGeneration(reader.header())
					&& reader.holds(position) && !reader.hasFrameAt(position.offset());
		}
	}

	public Txid txid() {
		return this.txid;
	}

	public boolean isReady() {
		return this.ready;
	}

	/**
	 * Whether the whole database is to be written but the WAL was truncated, so that
	 * there is no place in it to continue from until a frame is forced.
	 */
	public boolean needsFrame() {
		return this.ready && this.position == null && this.lacksWal;
	}

	/**
	 * A frame is about to be forced. Not under the monitor.
	 * @throws IOException if so many were forced that the next one would be in vain too
	 */
	void forcing() throws IOException {
		if (this.forced.incrementAndGet() > FORCED_AT_MOST) {
			this.forced.decrementAndGet();
			throw new IOException("SQLite does not write the WAL of " + this.files.path() + " where it belongs: "
					+ FORCED_AT_MOST + " commits in a row have not come to " + this.wal + ". Let the file have one name"
					+ " only, without mounts or links that lead to it alone, and let no other program truncate its WAL;"
					+ " then restart the application");
		}
	}

	/**
	 * What tells one generation of the WAL from the next: its first salt.
	 */
	public int generation() {
		return (this.position != null) ? this.position.salt1() : 0;
	}

	/**
	 * Logical size of the WAL: where the position is, in bytes.
	 */
	public long walSize() {
		return (this.position != null) ? this.position.offset() : 0;
	}

	public long databaseSize() {
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
	public @Nullable Step step(long maxBytes, long since) throws IOException, SQLException {
		if (!this.ready) {
			return null;
		}
		this.lock.require();
		try (WalBuffer buffer = WalBuffer.take(); WalReader reader = WalReader.open(this.wal, buffer)) {
			requireWal();
			this.lacksWal = (reader == null);
			if (reader == null) {
				requireHeaderSoon();
				// Torn header, or truncated by a checkpoint while our lock was in slot 0:
				// nothing unread can be missing, and the next commit writes a header.
				return null;
			}
			this.headerlessSince = null;
			this.forced.set(0);
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
			Txid next = this.txid.next();
			SpoolFile written = this.files.increment(reader, from, scan, next, this.commit, since);
			advance(next, scan.end(), scan.commit());
			return new Step(written, null, null, null, scan.end().offset() - from.offset(), scan.limited());
		}
	}

	/** A header is torn for a moment only, while SQLite writes it. */
	private void requireHeaderSoon() throws IOException {
		long now = System.nanoTime();
		if (this.wal.toFile().length() < WalHeader.SIZE) {
			this.headerlessSince = null;
		}
		else if (this.headerlessSince == null) {
			this.headerlessSince = now;
		}
		else if (now - this.headerlessSince > TORN_AT_MOST) {
			throw new IOException("The WAL " + this.wal + " has lost its header: another program truncated or overwrote"
					+ " it, and with it commits that SQLite needs; stop the application and restore the database");
		}
	}

	/**
	 * Writes what differs from the replica's state, or the whole database where that
	 * state is not known, as it is at one place in the WAL.
	 */
	private @Nullable Step image(ResyncReason reason, long since) throws IOException, SQLException {
		try (HeldLock.Handover handover = handover();
				WalBuffer buffer = WalBuffer.take();
				WalReader reader = WalReader.open(this.wal, buffer);
				PageHashes.Reader hashes = this.snapshot ? null : this.known.open(this.txid, pageSize())) {
			requireWal();
			if (reader == null) {
				return null;
			}
			WalReader.Scan scan = reader.scan(reader.header().start(), 0);
			if (!reader.sameHeader()) {
				// Restarted while it was scanned: once more.
				handover.close();
				return image(reason, since);
			}
			DatabasePages pages = this.files.pages(reader, scan, scan.isEmpty() ? handover.pageCount() : scan.commit());
			requireSame(pages, hashes);
			Txid next = this.txid.next();
			SyncFiles.Image written = this.files.image(reader, scan.end(), pages, next, hashes, since);
			SpoolFile whole = this.snapshot ? this.files.snapshot(written, pages, since) : null;
			advance(next, scan.end(), pages.count());
			this.anchored = true;
			handover.complete();
			this.snapshot = false;
			this.judge = null;
			return new Step(written.file(), whole, reason, new Shipped(written.shipped(), pages.shippable()),
					scan.end().offset(), false);
		}
	}

	private void requireSame(DatabasePages pages, PageHashes.@Nullable Reader hashes) throws IOException {
		if (this.judge != null) {
			DatabaseHeader now = this.opened;
			if (now == null) {
				byte[] first = new byte[pages.pageSize()];
				pages.read(1, first);
				now = DatabaseHeader.of(first);
			}
			this.judge.require(now, pages, hashes);
		}
	}

	private void advance(Txid txid, WalPosition end, long pages) {
		this.txid = txid;
		// What is replicated from now on has come after it.
		this.opened = null;
		this.position = end;
		this.commit = pages;
	}

	/**
	 * Takes a new read lock; everything up to the end of the WAL has to be synced before
	 * {@link HeldLock.Handover#complete()} lets the old one go.
	 */
	HeldLock.Handover handover() throws SQLException {
		return this.lock.handover();
	}

	/**
	 * The database as it is at the position. Called under this object's monitor, after
	 * everything that is in the WAL since the lock was taken has been synced.
	 * @param lock keeps what the image consists of; let go by the image
	 * @return the image, or {@code null} if there is no position
	 */
	@Nullable StillImage still(ReadLock lock) {
		WalPosition position = this.position;
		return (this.ready && position != null && !this.txid.isZero())
				? new StillImage(this.files.path(), this.wal, lock, this.txid, position, this.commit, pageSize())
				: null;
	}

	public void startTimestampsAfter(Instant instant) {
		this.files.startTimestampsAfter(instant);
	}

	/**
	 * What one sync wrote.
	 *
	 * @param file the LTX file
	 * @param snapshot the snapshot of the same position, or {@code null} if there is none
	 * @param resync why it is a resync, or {@code null} if it is not
	 * @param shipped the pages that a resync shipped, or {@code null} if it is none
	 * @param walBytes bytes of the WAL that it covers
	 * @param limited whether more may follow immediately
	 */
	public record Step(SpoolFile file, @Nullable SpoolFile snapshot, @Nullable ResyncReason resync,
			@Nullable Shipped shipped, long walBytes, boolean limited) {

	}

	/**
	 * What a resync shipped.
	 *
	 * @param pages pages in its LTX file
	 * @param of pages of the database
	 */
	public record Shipped(long pages, long of) {

	}

}
