package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxReader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.sqlite.DatabaseFile;
import dev.litestream.sqlite.DatabaseHeader;
import dev.litestream.wal.PageMap;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a database file lacks commits that the replica holds, although no counter tells
 * so: rule 9 of {@link SameDatabase}. Such a file was copied without its WAL, or an older
 * copy was put in its place. Pages that differ from the replica's newest state are then
 * as they were earlier, which the replica's older files show. New commits make pages such
 * as were never there before.
 * <p>
 * Pages that are in the WAL are left out: what the application has committed since it was
 * started hides nothing.
 *
 * @param mismatch reports that commits are missing
 * @param file the database file
 * @param wal its WAL, which need not exist
 */
record EarlierPages(Mismatch mismatch, Path file, Path wal) {

	private static final Logger logger = LoggerFactory.getLogger(EarlierPages.class);

	/** So many pages are enough to judge. */
	private static final int SAMPLE = 20_000;

	/** What may be read of the replica, beside twice the database's size. */
	private static final long BYTES = 256L << 20;

	/**
	 * Judges the file. May read much of the replica.
	 * @param remembered what is remembered of the file
	 * @param hashes the replica's newest state
	 * @param history its files, those first that should be read first
	 * @throws DatabaseMismatchException if commits are missing
	 * @throws IOException if the file or the replica cannot be read
	 */
	void require(Remembered remembered, PageHashes.Reader hashes, List<LtxSource> history) throws IOException {
		Map<Long, Long> differing = differing(hashes);
		if (differing.isEmpty()) {
			return;
		}
		int count = differing.size();
		int earlier = earlier(differing, hashes, history);
		if (earlier == 0) {
			return;
		}
		boolean most = 2 * earlier >= count;
		String pages = describe(count, earlier, most);
		if (!most || remembered == Remembered.SAME_BEFORE_REBOOT || hasGoneOn(hashes.header().database())) {
			logger.warn(
					"{}: {} may lack commits that {} holds: {}. It is accepted as the newest state. What is missing "
							+ "can be restored from there (litestream restore -timestamp)",
					this.mismatch.database(), this.mismatch.file(), this.mismatch.replica(), pages);
			return;
		}
		if (remembered == Remembered.OVERWRITTEN) {
			this.mismatch.report(SameDatabase.overwritten(pages));
			return;
		}
		this.mismatch.report("is not the continuation of what the replica holds: it is older (" + pages
				+ "). Most likely its -wal was deleted or not copied with it, or an older copy was put in its place");
	}

	/**
	 * The hashes of the pages in the file that differ from the replica's, by their
	 * number. The first page differs whenever a frame was forced.
	 */
	private Map<Long, Long> differing(PageHashes.Reader hashes) throws IOException {
		DatabaseFile database = DatabaseFile.at(this.file);
		int pageSize = hashes.header().pageSize();
		byte[] page = new byte[pageSize];
		Map<Long, Long> differing = new HashMap<>();
		// Before the file: what is checkpointed meanwhile is in either.
		PageMap inWal = inWal(pageSize);
		long pages = Math.min(hashes.header().pages(), this.file.toFile().length() / pageSize);
		long lockPage = LtxFormat.lockPage(pageSize);
		for (long pgno = 2; pgno <= pages && differing.size() < SAMPLE; pgno++) {
			long before = hashes.known(pgno);
			if (before == 0 || pgno == lockPage || inWal != null && inWal.offset(pgno) >= 0) {
				continue;
			}
			database.readPage(pgno, pageSize, page);
			long hash = hashes.hash(page);
			if (hash != before) {
				differing.put(pgno, hash);
			}
		}
		return differing;
	}

	/**
	 * Whether a counter of the file is higher than the replica's: another program has
	 * written to it, and may have set pages back.
	 */
	private boolean hasGoneOn(@Nullable DatabaseHeader known) throws IOException {
		byte[] first = new byte[DatabaseHeader.SIZE];
		DatabaseFile.at(this.file).read(0, first, first.length);
		DatabaseHeader now = DatabaseHeader.of(first);
		return now != null && known != null && now.isAfter(known);
	}

	private static String describe(int count, int earlier, boolean most) {
		if (count == 1) {
			return "one page differs, and is as it was earlier";
		}
		return count + " pages differ, and " + (most ? "at least " : "") + earlier
				+ " of them are as they were earlier";
	}

	private @Nullable PageMap inWal(int pageSize) throws IOException {
		try (WalReader reader = WalReader.open(this.wal)) {
			return (reader != null && reader.header().pageSize() == pageSize)
					? reader.scan(reader.header().start(), 0).pages() : null;
		}
	}

	/** How many of the pages the replica held; ends as soon as they are enough. */
	private int earlier(Map<Long, Long> differing, PageHashes.Reader hashes, List<LtxSource> history)
			throws IOException {
		int count = differing.size();
		int pageSize = hashes.header().pageSize();
		long left = BYTES + 2 * hashes.header().pages() * pageSize;
		byte[] page = new byte[pageSize];
		int earlier = 0;
		logger.info(
				"{}: {} pages of {} differ from {}; reading older files there to find out whether commits are missing",
				this.mismatch.database(), count, this.mismatch.file(), this.mismatch.replica());
		for (LtxSource source : history) {
			left -= source.remoteBytes();
			if (left < 0) {
				logger.info("{}: the oldest files there are not compared", this.mismatch.database());
				return earlier;
			}
			try (LtxReader ltx = source.open()) {
				if (ltx.header().pageSize() != pageSize) {
					continue;
				}
				for (long pgno = ltx.nextPage(page); pgno != 0; pgno = ltx.nextPage(page)) {
					Long hash = differing.get(pgno);
					if (hash != null && hash == hashes.hash(page)) {
						differing.remove(pgno);
						earlier++;
						if (2 * earlier >= count) {
							return earlier;
						}
					}
				}
			}
			catch (CorruptLtxException ex) {
				logger.debug("{}: a damaged file proves nothing", this.mismatch.database(), ex);
			}
		}
		return earlier;
	}

}
