package dev.litestream.restore;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * Takes contiguous LTX files newest first and writes the first version of each page that
 * occurs, which is the newest. A file with a smaller commit truncated the database: pages
 * of older files beyond it are gone, even if the database grew again afterwards. A page
 * counts as written only when its file has been read to its verified end: until then the
 * file can be read again from its start. Not thread-safe.
 */
final class NewestPages implements Closeable {

	private static final int BUFFER_SIZE = 256 * 1024;

	private static final int ATTEMPTS = 4;

	private static final long FIRST_DELAY_MILLIS = 250;

	private static final int PAGES_BETWEEN_INTERRUPT_CHECKS = 1024;

	private final ReplicaClient client;

	private final Path image;

	private final ExecutorService executor;

	/** Size of all files together, in bytes. */
	private final long bytes;

	/** Pages of files that have been verified. */
	private final PageSet written = new PageSet();

	/** Pages written from the file that is read now. */
	private final PageSet pending = new PageSet();

	private @Nullable DatabaseImage database;

	private @Nullable LtxHeader newest;

	/** The smallest size of the database since the file that is read now. */
	private long smallestCommit = LtxFormat.MAX_PGNO;

	private boolean failed;

	/**
	 * Prepares. The database file must not exist; it is created with the header of the
	 * first LTX file. The files' listed size in bytes bounds the memory; the client
	 * serves to read a file again.
	 */
	NewestPages(ReplicaClient client, Path image, long bytes, ExecutorService executor) {
		this.client = client;
		this.image = image;
		this.bytes = bytes;
		this.executor = executor;
	}

	/**
	 * Takes the next older file and closes it. Throws {@link UnusableLtxException} if the
	 * file is missing or corrupt: nothing is written from then on, but the files after it
	 * may be taken to learn whether they can be used.
	 */
	void take(Arrivals.Arrival arrival) throws IOException {
		LtxFileInfo file = arrival.file();
		for (int attempt = 1;; attempt++) {
			try {
				read(file, (attempt == 1) ? arrival.content() : reopen(file));
				return;
			}
			catch (ReplicaUnavailableException ex) {
				if (attempt == ATTEMPTS) {
					throw ex;
				}
				pause(FIRST_DELAY_MILLIS << (attempt - 1));
			}
		}
	}

	private InputStream reopen(LtxFileInfo file) throws IOException {
		try {
			return this.client.read(file);
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	private void read(LtxFileInfo file, InputStream content) throws IOException {
		this.pending.clear();
		String name = file.level() + "/" + file.fileName();
		try (LtxReader reader = open(file, name, content)) {
			LtxHeader header = reader.header();
			begin(file, header, name);
			byte[] page = new byte[header.pageSize()];
			int count = 0;
			for (long pgno = next(file, reader, page); pgno != 0; pgno = next(file, reader, page)) {
				if (pgno <= this.smallestCommit && !this.failed && !this.written.contains(pgno)) {
					Objects.requireNonNull(this.database).write(pgno, page);
					this.pending.add(pgno);
				}
				if (++count % PAGES_BETWEEN_INTERRUPT_CHECKS == 0 && Thread.currentThread().isInterrupted()) {
					throw new InterruptedIOException("The restore was interrupted while it wrote the database");
				}
			}
			this.written.drain(this.pending);
		}
	}

	private void begin(LtxFileInfo file, LtxHeader header, String name) throws IOException {
		LtxHeader newest = this.newest;
		if (newest == null) {
			if (header.commit() > LtxFormat.mostPages(this.bytes, header.pageSize())) {
				throw sourceFailed(file, new CorruptLtxException(name, 12, "a database of " + header.commit()
						+ " pages does not fit into " + this.bytes + " bytes of LTX files"));
			}
			newest = header;
			this.newest = newest;
			this.database = new DatabaseImage(this.image, newest, this.executor);
		}
		if (header.pageSize() != newest.pageSize()) {
			throw new BackupGapException("The files of the replica do not belong together: " + name + " has pages of "
					+ header.pageSize() + " bytes, the newest file has pages of " + newest.pageSize());
		}
		this.smallestCommit = Math.min(this.smallestCommit, header.commit());
	}

	private LtxReader open(LtxFileInfo file, String name, InputStream content) throws IOException {
		try {
			LtxReader reader = new LtxReader(content, name, (int) Math.min(BUFFER_SIZE, file.size()));
			LtxHeader header = reader.header();
			if (!header.minTxid().equals(file.minTxid()) || !header.maxTxid().equals(file.maxTxid())) {
				reader.close();
				throw new CorruptLtxException(name, 16,
						"it holds TXID " + header.minTxid() + " to " + header.maxTxid() + ", not what its name says");
			}
			return reader;
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	private long next(LtxFileInfo file, LtxReader reader, byte[] page) throws IOException {
		try {
			return reader.nextPage(page);
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	/** Tells a broken file from a replica that cannot be read and from an interrupt. */
	private IOException sourceFailed(LtxFileInfo file, IOException ex) {
		if (ex instanceof ReplicaUnavailableException || ex instanceof ReplicaRefusedException
				|| ex instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
			return ex;
		}
		this.failed = true;
		return new UnusableLtxException(List.of(new UnusableLtxException.Failure(file, ex)));
	}

	/**
	 * Ends the file after the oldest LTX file, and begins to force it to disk. The result
	 * has its page size, number of pages and position. Throws {@link CorruptLtxException}
	 * if none of the files holds some page.
	 */
	LtxHeader finish() throws IOException {
		LtxHeader newest = Objects.requireNonNull(this.newest);
		this.written.add(LtxFormat.lockPage(newest.pageSize()));
		long missing = this.written.nextAbsent(1);
		if (missing <= newest.commit()) {
			throw new CorruptLtxException("up to TXID " + newest.maxTxid(), 0,
					"page " + missing + " of " + newest.commit() + " is in none of the files");
		}
		DatabaseImage database = Objects.requireNonNull(this.database);
		database.finish(newest.commit());
		return newest;
	}

	/** Closes the file, and fails if it could not be forced to disk. */
	@Override
	public void close() throws IOException {
		if (this.database != null) {
			this.database.close();
		}
	}

	private static void pause(long millis) throws InterruptedIOException {
		try {
			TimeUnit.MILLISECONDS.sleep(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("The restore was interrupted while it read from the replica");
		}
	}

}
