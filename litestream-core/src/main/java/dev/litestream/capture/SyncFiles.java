package dev.litestream.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;

import dev.litestream.Txid;
import dev.litestream.continuity.PageHashes;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxWriter;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabasePages;
import dev.litestream.wal.PageMap;
import dev.litestream.wal.WalPosition;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;

/**
 * Writes the LTX files of one database into the spool: increments, and images of the
 * whole database. Relies on the caller's read lock for everything it reads, and is called
 * under the sync's monitor.
 */
final class SyncFiles {

	/** How many pages may be written although they are known to be the same. */
	private static final int SHORT_TRANSACTION = 64;

	private final Path path;

	private final Spool spool;

	private final Clock clock;

	private long lastTimestamp;

	/**
	 * Prepares for a database. The files are written to the spool; the clock is for their
	 * headers.
	 */
	SyncFiles(Path path, Spool spool, Clock clock) {
		this.path = path;
		this.spool = spool;
		this.clock = clock;
	}

	Path path() {
		return this.path;
	}

	void startTimestampsAfter(Instant instant) {
		this.lastTimestamp = Math.max(this.lastTimestamp, instant.toEpochMilli());
	}

	/**
	 * Writes the changes of some commits: the newest frame of each page, and every page
	 * that exists now and did not before (law 4). A database may grow by pages that are
	 * in no frame; these are read from the database file. {@code from} is where the
	 * commits begin in the WAL, {@code pagesBefore} the database's size before them,
	 * {@code since} when the oldest commit was signalled, in nanoseconds. Fails if the
	 * file cannot be written, or the WAL changed.
	 */
	SpoolFile increment(WalReader reader, WalPosition from, WalReader.Scan scan, Txid txid, long pagesBefore,
			long since) throws IOException {
		LtxHeader header = header(reader, txid, scan.commit(), from, scan.end());
		byte[] page = new byte[header.pageSize()];
		DatabaseFile file = (scan.commit() > pagesBefore) ? DatabaseFile.at(this.path) : null;
		return write(header, since, (writer) -> {
			long grown = pagesBefore + 1;
			for (int bits : scan.pages().sortedPages()) {
				long pgno = Integer.toUnsignedLong(bits);
				grown = writeGrowth(writer, file, grown, pgno, page);
				if (!reader.readHeldPage(scan.pages().offset(pgno), pgno, page)) {
					throw new IOException("A committed frame of page " + pgno + " changed in the WAL of " + this.path
							+ " while it was read; the read lock was lost");
				}
				writer.writePage(pgno, page, 0);
				grown = Math.max(grown, pgno + 1);
			}
			writeGrowth(writer, file, grown, scan.commit() + 1, page);
		});
	}

	private static long writeGrowth(LtxWriter writer, @Nullable DatabaseFile file, long from, long to, byte[] page)
			throws IOException {
		if (file == null) {
			return from;
		}
		long lockPage = LtxFormat.lockPage(page.length);
		for (long pgno = from; pgno < to; pgno++) {
			if (pgno != lockPage) {
				file.readPage(pgno, page.length, page);
				writer.writePage(pgno, page, 0);
			}
		}
		return Math.max(from, to);
	}

	/**
	 * The pages of the whole database, whose size in pages is {@code count} after all
	 * commits in the WAL.
	 */
	DatabasePages pages(WalReader reader, WalReader.Scan scan, long count) throws IOException {
		return new DatabasePages(reader, scan, DatabaseFile.at(this.path), count);
	}

	/**
	 * Writes the whole database, or the difference from a known state. The first page is
	 * always written, because a file without pages is not valid. The last transaction is
	 * written too, unless it is long: this file proves continuity at the next start, and
	 * can do so only by the pages that it holds. {@code end} is where all commits in the
	 * WAL end, {@code pages} the database after these, {@code known} the known state, or
	 * {@code null} for the whole database, {@code since} when the oldest commit was
	 * signalled, in nanoseconds.
	 */
	Image image(WalReader reader, WalPosition end, DatabasePages pages, Txid txid, PageHashes.@Nullable Reader known,
			long since) throws IOException {
		WalPosition start = reader.header().start();
		WalPosition last = (known != null && end.offset() > start.offset())
				? reader.lastTransaction(end, SHORT_TRANSACTION) : null;
		if (last == null) {
			return image(header(reader, txid, pages.count(), start, end), pages, known, null, since);
		}
		return image(header(reader, txid, pages.count(), last, end), pages, known, reader.scanTo(last, end).pages(),
				since);
	}

	/**
	 * Writes the whole database as a snapshot, which stands for all before it. The raw
	 * file of the same position has the same content: it keeps other writers from the
	 * position, and the levels go on with it. Returns {@code null} if the raw file is a
	 * snapshot. {@code since} is when the oldest commit was signalled, in nanoseconds.
	 */
	@Nullable SpoolFile snapshot(Image raw, DatabasePages pages, long since) throws IOException {
		LtxHeader header = raw.header();
		if (header.isSnapshot()) {
			return null;
		}
		LtxHeader whole = new LtxHeader(header.flags(), header.pageSize(), header.commit(), Txid.FIRST,
				header.maxTxid(), header.timestamp(), 0, header.walOffset(), header.walSize(), header.walSalt1(),
				header.walSalt2(), header.nodeId());
		return image(whole, pages, null, null, since).file();
	}

	private Image image(LtxHeader header, DatabasePages pages, PageHashes.@Nullable Reader known,
			@Nullable PageMap always, long since) throws IOException {
		long lockPage = LtxFormat.lockPage(header.pageSize());
		byte[] page = new byte[header.pageSize()];
		long[] shipped = new long[1];
		SpoolFile file = write(header, since, (writer) -> {
			for (long pgno = 1; pgno <= pages.count(); pgno++) {
				if (pgno == lockPage) {
					continue;
				}
				pages.read(pgno, page);
				boolean proof = pgno == 1 || (always != null && always.offset(pgno) >= 0);
				if (proof || known == null || !known.same(pgno, page)) {
					writer.writePage(pgno, page, 0);
					shipped[0]++;
				}
			}
		});
		return new Image(file, header, shipped[0]);
	}

	private SpoolFile write(LtxHeader header, long since, Pages pages) throws IOException {
		Spool.Draft draft = this.spool.draft(header.minTxid(), header.maxTxid());
		try (LtxWriter writer = new LtxWriter(draft, header)) {
			writer.keepSums();
			pages.writeTo(writer);
			writer.finish();
			return draft.publish(header.createdAt(), since, writer.sums());
		}
		catch (IOException | RuntimeException ex) {
			draft.discard();
			throw ex;
		}
	}

	private LtxHeader header(WalReader reader, Txid txid, long pages, WalPosition from, WalPosition end) {
		// Never earlier than the file before, whatever the clock does: restores rely on
		// it.
		this.lastTimestamp = Math.max(this.clock.millis(), this.lastTimestamp);
		return new LtxHeader(LtxFormat.NO_CHECKSUM, reader.header().pageSize(), pages, txid, txid, this.lastTimestamp,
				0, from.offset(), end.offset() - from.offset(), from.salt1(), from.salt2(), 0);
	}

	/**
	 * An LTX file of the whole database or of a difference, its header, and how many
	 * pages it holds.
	 */
	record Image(SpoolFile file, LtxHeader header, long shipped) {

	}

	/** Writes pages in ascending order. */
	@FunctionalInterface
	private interface Pages {

		void writeTo(LtxWriter writer) throws IOException;

	}

}
