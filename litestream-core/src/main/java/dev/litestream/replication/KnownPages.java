package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the pages that the replica holds: keeps {@link PageHashes} behind what
 * is acknowledged, and brings them to a position when a resync needs them. They are
 * brought forward by many files at once, and a file stays in the spool until then: so a
 * small commit costs nothing, and after a crash hashes and spool together give the state
 * at the spool's end. Safe for use by several threads.
 */
final class KnownPages {

	private static final Logger logger = LoggerFactory.getLogger(KnownPages.class);

	/** So many acknowledged files may wait in the spool. */
	private static final int UPDATE_AT_FILES = 128;

	/** So many bytes of acknowledged files may wait in the spool. */
	private static final long UPDATE_AT_BYTES = 16L << 20;

	private final String database;

	private final Spool spool;

	private final PageHashes hashes;

	private final SerialTask task;

	/** Acknowledged files that wait in the spool, oldest first; guarded by itself. */
	private final List<SpoolFile> acknowledged = new ArrayList<>();

	private long acknowledgedBytes;

	/**
	 * Prepares; nothing is touched.
	 * @param database the database's name
	 * @param spool where the files lie
	 * @param hashes the hashes beside it
	 * @param workers bring the hashes forward
	 */
	KnownPages(String database, Spool spool, PageHashes hashes, Workers workers) {
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
	void acknowledged(SpoolFile file) {
		synchronized (this.acknowledged) {
			this.acknowledged.add(file.withoutBytes());
			this.acknowledgedBytes += file.size();
			if (this.acknowledged.size() < UPDATE_AT_FILES && this.acknowledgedBytes < UPDATE_AT_BYTES) {
				return;
			}
		}
		this.task.signal();
	}

	/** The spool was cleared or is looked at anew. */
	void forgetAcknowledged() {
		synchronized (this.acknowledged) {
			this.acknowledged.clear();
			this.acknowledgedBytes = 0;
		}
	}

	/**
	 * The header of the hashes.
	 * @return the header, or {@code null} if there are none
	 * @throws IOException if they cannot be read
	 */
	synchronized @Nullable PageHashesHeader header() throws IOException {
		return this.hashes.header();
	}

	/**
	 * Forgets the hashes: they are of another history.
	 * @throws IOException if they cannot be removed
	 */
	synchronized void remove() throws IOException {
		this.hashes.remove();
	}

	/**
	 * Brings the hashes forward by what is acknowledged, then lets go of these files but
	 * for the newest, which proves continuity at the next start.
	 */
	synchronized void update() {
		List<SpoolFile> files;
		synchronized (this.acknowledged) {
			files = List.copyOf(this.acknowledged);
		}
		if (files.isEmpty()) {
			return;
		}
		Txid newest = files.get(files.size() - 1).maxTxid();
		try {
			List<Source> sources = new ArrayList<>();
			files.forEach((file) -> sources.add(local(new LtxFileName(file.minTxid(), file.maxTxid()))));
			forward(sources, newest);
		}
		catch (IOException | RuntimeException ex) {
			// They stay behind; a resync brings them forward from the replica.
			logger.debug("{}: the page hashes could not be brought forward", this.database, ex);
		}
		try {
			this.spool.remove(files, newest);
		}
		catch (IOException ex) {
			logger.debug("{}: an acknowledged file stays in the spool", this.database, ex);
		}
		synchronized (this.acknowledged) {
			// The newest stays until another one is.
			this.acknowledged.removeIf((file) -> files.contains(file) && file.maxTxid().isBefore(newest));
			this.acknowledgedBytes = this.acknowledged.stream().mapToLong(SpoolFile::size).sum();
			if (this.acknowledged.size() == 1) {
				this.acknowledgedBytes = 0;
			}
		}
	}

	/** Applies acknowledged files as far as they lead on. */
	private void forward(List<Source> sources, Txid ahead) throws IOException {
		PageHashesHeader header = this.hashes.header();
		List<Source> next = new ArrayList<>(sources);
		next.removeIf((source) -> header != null && !source.max().isAfter(header.txid()));
		if (next.isEmpty()) {
			return;
		}
		LtxHeader first = readHeader(next.get(0));
		boolean on = header != null && !first.minTxid().isAfter(header.txid().next())
				&& first.pageSize() == header.pageSize();
		while (!on && !isWhole(next.get(0))) {
			next.remove(0);
			if (next.isEmpty()) {
				return;
			}
			first = readHeader(next.get(0));
		}
		try (PageHashesUpdate update = on ? this.hashes.update(ahead)
				: this.hashes.start(first.minTxid().previous(), first.pageSize(), ahead)) {
			for (Source source : next) {
				try (LtxReader ltx = open(source)) {
					if (!update.isContinuedBy(ltx.header())) {
						break;
					}
					update.apply(ltx);
				}
			}
			update.complete();
		}
	}

	/** Whether a file holds the whole database, so that hashes can begin with it. */
	private static boolean isWhole(Source source) throws IOException {
		try (LtxReader ltx = open(source)) {
			long lockPage = LtxFormat.lockPage(ltx.header().pageSize());
			byte[] page = new byte[ltx.header().pageSize()];
			long expected = 1;
			for (long pgno = ltx.nextPage(page); pgno != 0; pgno = ltx.nextPage(page)) {
				if (pgno != expected) {
					return false;
				}
				expected += (pgno + 1 == lockPage) ? 2 : 1;
			}
			return expected > ltx.header().commit();
		}
	}

	/**
	 * Brings the hashes to a position, by files of the spool and of the replica. Without
	 * usable hashes the replica's history is read from a snapshot on. Not under the
	 * sync's monitor: it may take long.
	 * @param base the position
	 * @param pageSize page size, in bytes
	 * @param listings the replica's files
	 * @param client reads them
	 * @return whether there are hashes of the position now
	 * @throws IOException if the replica cannot be read now
	 */
	synchronized boolean bringTo(Txid base, int pageSize, List<LtxListing> listings, ReplicaClient client)
			throws IOException {
		PageHashesHeader header = this.hashes.header();
		if (header != null && (header.ahead().isAfter(base) || header.pageSize() != pageSize
				|| !isOfHistory(header, listings, client))) {
			header = null;
		}
		if (header != null && header.txid().equals(base) && header.ahead().equals(base)) {
			return true;
		}
		List<Source> sources = (header != null) ? path(header.txid(), base, listings, client) : null;
		if (sources == null) {
			header = null;
			sources = path(Txid.ZERO, base, listings, client);
		}
		if (sources == null) {
			this.hashes.remove();
			return false;
		}
		long bytes = sources.stream().mapToLong(Source::remoteBytes).sum();
		if (bytes > 0) {
			logger.info("{}: reading {} bytes from {} to find out which pages differ", this.database, bytes,
					client.location());
		}
		try (PageHashesUpdate update = (header != null) ? this.hashes.update(base)
				: this.hashes.start(Txid.ZERO, pageSize, base)) {
			if (apply(update, sources)) {
				update.complete();
				return true;
			}
		}
		catch (CorruptLtxException ex) {
			logger.warn("{}: the replica's pages cannot be compared: {}", this.database, ex.getMessage());
		}
		this.hashes.remove();
		return false;
	}

	private static boolean apply(PageHashesUpdate update, List<Source> sources) throws IOException {
		for (Source source : sources) {
			try (LtxReader ltx = open(source)) {
				if (!update.isContinuedBy(ltx.header())) {
					return false;
				}
				update.apply(ltx);
			}
		}
		return true;
	}

	/**
	 * Opens hashes of a position, brought forward by what lies in the spool.
	 * @param txid the position
	 * @param pageSize page size, in bytes
	 * @return the hashes, or {@code null} if there are none
	 */
	synchronized PageHashes.@Nullable Reader open(Txid txid, int pageSize) {
		try {
			PageHashesHeader header = this.hashes.header();
			if (header == null || header.pageSize() != pageSize || header.ahead().isAfter(txid)) {
				return null;
			}
			if (!header.txid().equals(txid) || !header.ahead().equals(txid)) {
				this.spool.storeWaiting();
				List<Source> sources = path(header.txid(), txid, List.of(), null);
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
	 * under its name, as far as the replica still has it.
	 */
	private static boolean isOfHistory(PageHashesHeader header, List<LtxListing> listings, ReplicaClient client)
			throws IOException {
		for (LtxFileInfo file : listings.get(0)) {
			if (file.maxTxid().equals(header.txid()) && header.trailer() != 0 && file.size() > Long.BYTES) {
				try (InputStream in = client.read(file, file.size() - Long.BYTES, Long.BYTES)) {
					return ByteBuffer.wrap(in.readNBytes(Long.BYTES)).getLong() == header.trailer();
				}
			}
		}
		return true;
	}

	/**
	 * The files that lead from one position to another, each as far as possible.
	 * @return the files, or {@code null} if there is a gap
	 */
	private @Nullable List<Source> path(Txid from, Txid to, List<LtxListing> listings, @Nullable ReplicaClient client)
			throws IOException {
		List<Source> candidates = new ArrayList<>();
		for (LtxFileName name : this.spool.list()) {
			candidates.add(local(name));
		}
		if (client != null) {
			for (LtxListing listing : listings) {
				for (LtxFileInfo file : listing) {
					candidates.add(new Source(file.minTxid(), file.maxTxid(), file.fileName(), file.size(),
							() -> client.read(file)));
				}
			}
		}
		List<Source> path = new ArrayList<>();
		Txid end = from;
		while (end.isBefore(to)) {
			Source best = null;
			for (Source candidate : candidates) {
				if (!candidate.min().isAfter(end.next()) && !candidate.max().isAfter(to)
						&& candidate.max().isAfter((best != null) ? best.max() : end)) {
					best = candidate;
				}
			}
			if (best == null) {
				return null;
			}
			path.add(best);
			end = best.max();
		}
		return path;
	}

	private Source local(LtxFileName name) {
		return new Source(name.minTxid(), name.maxTxid(), name.toString(), 0,
				() -> Files.newInputStream(this.spool.path(name)));
	}

	private static LtxReader open(Source source) throws IOException {
		return new LtxReader(source.content().open(), source.name());
	}

	private static LtxHeader readHeader(Source source) throws IOException {
		try (LtxReader ltx = open(source)) {
			return ltx.header();
		}
	}

	/**
	 * An LTX file in the spool or in the replica.
	 *
	 * @param min first position
	 * @param max last position
	 * @param name its name, for messages
	 * @param remoteBytes its size if it is to be read from the replica, in bytes
	 * @param content opens it
	 */
	private record Source(Txid min, Txid max, String name, long remoteBytes, Content content) {

	}

	/** Opens a file. */
	@FunctionalInterface
	private interface Content {

		InputStream open() throws IOException;

	}

}
