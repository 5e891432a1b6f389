package dev.litestream.continuity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.PageSums;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.threads.SerialTask;
import dev.litestream.threads.Workers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The known pages of the replica: updates {@link PageHashes} some time after files are
 * acknowledged, and brings them to a position when a resync needs them. Many files are
 * applied together, and each stays in the spool until then: a small commit costs nothing,
 * and after a crash hashes and spool together give the state at the spool's end.
 * Thread-safe.
 */
public final class KnownPages {

	private static final Logger logger = LoggerFactory.getLogger(KnownPages.class);

	/** How many acknowledged files may wait in the spool. */
	private static final int UPDATE_AT_FILES = 128;

	/** How many bytes of acknowledged files may wait in the spool. */
	private static final long UPDATE_AT_BYTES = 16L << 20;

	private final String database;

	private final Spool spool;

	private final PageHashes hashes;

	private final SerialTask task;

	/** Guards the fields below. */
	private final Object acknowledged = new Object();

	/** Files acknowledged since the last update. */
	private int files;

	/** Total bytes of these files. */
	private long bytes;

	/** The newest position acknowledged. */
	private Txid newest = Txid.ZERO;

	/** What is known of the pages of these files, as far as they follow each other. */
	private final List<PageSums> sums = new ArrayList<>();

	/**
	 * Prepares; nothing is touched.
	 * @param database the database's name
	 * @param spool where the files lie
	 * @param hashes the hashes beside it
	 * @param workers bring the hashes forward
	 */
	public KnownPages(String database, Spool spool, PageHashes hashes, Workers workers) {
		this.database = database;
		this.spool = spool;
		this.hashes = hashes;
		this.task = new SerialTask(workers.pool(), this::update,
				(cause) -> logger.warn("{}: the page hashes could not be brought forward", database, cause));
	}

	/**
	 * The replica holds a file of the spool.
	 * @param file the file
	 */
	public void acknowledged(SpoolFile file) {
		synchronized (this.acknowledged) {
			this.files++;
			this.bytes += file.size();
			this.newest = file.maxTxid();
			if (file.sums() != null && !file.isSnapshot()) {
				this.sums.add(file.sums());
			}
			if (this.files < UPDATE_AT_FILES && this.bytes < UPDATE_AT_BYTES) {
				return;
			}
		}
		this.task.signal();
	}

	/** The spool was cleared or is read again. */
	public void forgetAcknowledged() {
		synchronized (this.acknowledged) {
			this.files = 0;
			this.bytes = 0;
			this.newest = Txid.ZERO;
			this.sums.clear();
		}
	}

	/** The header of the hashes, or {@code null} if there are none. */
	synchronized @Nullable PageHashesHeader header() throws IOException {
		return this.hashes.header();
	}

	/** Forgets the hashes: they are of another history. */
	synchronized void remove() throws IOException {
		this.hashes.remove();
	}

	/**
	 * Forgets the hashes if they are, or may be, of a later position than the given one.
	 * @param txid the position
	 * @throws IOException if they cannot be read or removed
	 */
	public synchronized void removeAhead(Txid txid) throws IOException {
		PageHashesHeader header = this.hashes.header();
		if (header != null && header.ahead().isAfter(txid)) {
			this.hashes.remove();
		}
	}

	/**
	 * Applies the acknowledged files to the hashes, then deletes these files except the
	 * newest, which proves continuity at the next start.
	 */
	public synchronized void update() {
		Txid newest;
		List<PageSums> sums;
		synchronized (this.acknowledged) {
			newest = this.newest;
			this.files = 0;
			this.bytes = 0;
			sums = List.copyOf(this.sums);
			this.sums.clear();
		}
		if (newest.isZero()) {
			return;
		}
		try {
			forward(newest, sums);
		}
		catch (IOException | RuntimeException ex) {
			// They stay behind; a resync updates them from the replica.
			logger.debug("{}: the page hashes could not be brought forward", this.database, ex);
		}
		try {
			this.spool.removeBefore(newest);
		}
		catch (IOException ex) {
			logger.debug("{}: an acknowledged file stays in the spool", this.database, ex);
		}
	}

	private void forward(Txid newest, List<PageSums> sums) throws IOException {
		PageHashesHeader header = this.hashes.header();
		if (header != null && (!header.txid().isBefore(newest) || header.ahead().isAfter(newest))) {
			// After an interrupted update some hashes are newer than that.
			return;
		}
		if (header != null && isContinuedBy(header, sums, newest)) {
			try (PageHashesUpdate update = this.hashes.update(newest)) {
				for (PageSums file : sums) {
					update.apply(file);
				}
				update.complete();
			}
			return;
		}
		List<LtxSource> sources = (header != null) ? path(header.txid(), newest, List.of(), null, true) : null;
		if (sources != null) {
			try (PageHashesUpdate update = this.hashes.update(newest)) {
				if (apply(update, sources)) {
					update.complete();
					return;
				}
			}
		}
		for (LtxFileName name : this.spool.list()) {
			LtxSource first = LtxSource.of(this.spool, name);
			sources = path(name.minTxid().previous(), newest, List.of(), null, true);
			if (sources != null && !sources.isEmpty() && sources.get(0).name().equals(first.name())
					&& first.isWhole()) {
				begin(first, sources, newest);
				return;
			}
		}
	}

	/** Whether the files lead from the hashes to a position, one after the other. */
	private static boolean isContinuedBy(PageHashesHeader header, List<PageSums> files, Txid newest) {
		Txid end = header.txid();
		for (PageSums file : files) {
			if (!file.header().minTxid().equals(end.next()) || file.header().pageSize() != header.pageSize()) {
				return false;
			}
			end = file.header().maxTxid();
		}
		return end.equals(newest);
	}

	private void begin(LtxSource whole, List<LtxSource> sources, Txid newest) throws IOException {
		int pageSize = whole.header().pageSize();
		try (PageHashesUpdate update = this.hashes.start(whole.min().previous(), pageSize, newest)) {
			if (apply(update, sources)) {
				update.complete();
			}
		}
	}

	/**
	 * Brings the hashes to a position, using files of the spool and of the replica.
	 * Without usable hashes the replica's history is read from a snapshot on. Returns
	 * whether there are hashes of the position now. {@code ours} says whether the
	 * replica's content is known to come from here. Not under the sync's monitor: it may
	 * take long.
	 */
	synchronized boolean bringTo(Txid base, int pageSize, List<LtxListing> listings, ReplicaClient client, boolean ours)
			throws IOException {
		PageHashesHeader header = this.hashes.header();
		if (header != null && (header.ahead().isAfter(base) || header.pageSize() != pageSize
				|| !isOfHistory(header, listings, client, ours))) {
			header = null;
		}
		if (header != null && header.txid().equals(base) && header.ahead().equals(base)) {
			return true;
		}
		if (header != null && bring(header, path(header.txid(), base, listings, client, ours), pageSize, base, client)
				|| bring(null, path(Txid.ZERO, base, listings, client, ours), pageSize, base, client)
				|| bring(null, LtxSource.path(remote(listings, client), Txid.ZERO, base), pageSize, base, client)) {
			return true;
		}
		this.hashes.remove();
		return false;
	}

	/**
	 * Updates the hashes from a header, or begins anew if that is {@code null}, by the
	 * files that lead to the position, or {@code null} if none do. Returns whether there
	 * are hashes of the position now.
	 */
	private boolean bring(@Nullable PageHashesHeader from, @Nullable List<LtxSource> sources, int pageSize, Txid base,
			ReplicaClient client) throws IOException {
		if (sources == null) {
			return false;
		}
		long bytes = sources.stream().mapToLong(LtxSource::remoteBytes).sum();
		if (bytes > 0) {
			logger.info("{}: reading {} bytes from {} to find out which pages differ", this.database, bytes,
					client.location());
		}
		try (PageHashesUpdate update = (from != null) ? this.hashes.update(base)
				: this.hashes.start(Txid.ZERO, pageSize, base)) {
			if (apply(update, sources)) {
				update.complete();
				return true;
			}
		}
		catch (CorruptLtxException ex) {
			logger.warn("{}: pages cannot be compared: {}", this.database, ex.getMessage());
		}
		return false;
	}

	private static boolean apply(PageHashesUpdate update, List<LtxSource> sources) throws IOException {
		for (LtxSource source : sources) {
			try (LtxReader ltx = source.open()) {
				if (!update.isContinuedBy(ltx.header())) {
					return false;
				}
				update.apply(ltx);
			}
		}
		return true;
	}

	/**
	 * Opens the hashes of a position, updated by the files in the spool.
	 * @param txid the position
	 * @param pageSize page size, in bytes
	 * @return the hashes, or {@code null} if there are none
	 */
	public synchronized PageHashes.@Nullable Reader open(Txid txid, int pageSize) {
		try {
			PageHashesHeader header = this.hashes.header();
			if (header == null || header.pageSize() != pageSize || header.ahead().isAfter(txid)) {
				return null;
			}
			if (!header.txid().equals(txid) || !header.ahead().equals(txid)) {
				this.spool.storeWaiting();
				List<LtxSource> sources = path(header.txid(), txid, List.of(), null, true);
				if (sources == null) {
					return null;
				}
				try (PageHashesUpdate update = this.hashes.update(txid)) {
					if (!apply(update, sources)) {
						return null;
					}
					update.complete();
				}
			}
			return this.hashes.read();
		}
		catch (IOException ex) {
			logger.debug("{}: the page hashes cannot be used", this.database, ex);
			return null;
		}
	}

	/**
	 * Whether the LTX file that the hashes end with is the one that the replica holds
	 * under its name. If the replica no longer has it, or never had it, nobody else may
	 * have written there. An interrupted update may have applied files that never got
	 * there.
	 */
	private static boolean isOfHistory(PageHashesHeader header, List<LtxListing> listings, ReplicaClient client,
			boolean ours) throws IOException {
		if (!ours && !header.ahead().equals(header.txid())) {
			return false;
		}
		for (LtxFileInfo file : listings.get(0)) {
			if (file.maxTxid().equals(header.txid()) && header.trailer() != 0 && file.size() > Long.BYTES) {
				try (InputStream in = client.read(file, file.size() - Long.BYTES, Long.BYTES)) {
					return ByteBuffer.wrap(in.readNBytes(Long.BYTES)).getLong() == header.trailer();
				}
				catch (CorruptLtxException ex) {
					// damaged where the answer would have been
					return ours;
				}
			}
		}
		return ours;
	}

	/**
	 * The files that lead from one position to another, of the spool or the replica.
	 * Files that both have are read from the spool, unless the replica's file may be a
	 * different one.
	 */
	private @Nullable List<LtxSource> path(Txid from, Txid to, List<LtxListing> listings,
			@Nullable ReplicaClient client, boolean ours) throws IOException {
		List<LtxSource> candidates = new ArrayList<>();
		Txid remote = LtxListing.maxTxid(listings);
		for (LtxFileName name : this.spool.list()) {
			if (ours || name.minTxid().isAfter(remote)) {
				candidates.add(LtxSource.of(this.spool, name));
			}
		}
		if (client != null) {
			candidates.addAll(remote(listings, client));
		}
		return LtxSource.path(candidates, from, to);
	}

	private static List<LtxSource> remote(List<LtxListing> listings, ReplicaClient client) {
		List<LtxSource> files = new ArrayList<>();
		listings.forEach((listing) -> listing.forEach((file) -> files.add(LtxSource.of(client, file))));
		return files;
	}

}
