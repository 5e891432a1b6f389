package dev.litestream.restore;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes a database file page by page, in order. What has been written is forced to disk
 * along the way by another thread, so that little is left to wait for at the end. Not
 * safe for several threads.
 */
final class DatabaseImage implements Closeable {

	private static final int BUFFER_SIZE = 512 * 1024;

	private static final long FORCE_EVERY = 64L * 1024 * 1024;

	private final FileOutputStream out;

	private final ExecutorService executor;

	private final LtxHeader header;

	private final byte[] buffer;

	private final long lockPage;

	private int used;

	private long next = 1;

	private long unforced;

	private @Nullable Future<?> forcing;

	/**
	 * Creates the file, with the mode that SQLite gives a new database.
	 * @param path the file; must not exist
	 * @param header page size and number of pages
	 * @param executor runs the forcing
	 * @throws IOException if it cannot be created
	 */
	DatabaseImage(Path path, LtxHeader header, ExecutorService executor) throws IOException {
		boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
		Files.createFile(path,
				posix ? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")) }
						: new FileAttribute<?>[0]);
		this.out = new FileOutputStream(path.toFile());
		this.header = header;
		this.executor = executor;
		this.buffer = new byte[Math.max(BUFFER_SIZE, header.pageSize())];
		this.lockPage = LtxFormat.lockPage(header.pageSize());
	}

	/**
	 * Writes the next page; the lock page is filled in.
	 * @param pgno its number
	 * @param page holds it at its start
	 * @throws CorruptLtxException if pages before it are missing
	 * @throws IOException if it cannot be written
	 */
	void write(long pgno, byte[] page) throws IOException {
		fillLockPage();
		if (pgno != this.next) {
			throw missing();
		}
		put(page);
	}

	/**
	 * Ends the file after its last page and hands it to the operating system.
	 * @throws CorruptLtxException if pages are missing at its end
	 * @throws IOException if it cannot be written
	 */
	void finish() throws IOException {
		fillLockPage();
		if (this.next <= this.header.commit()) {
			throw missing();
		}
		flush();
	}

	/**
	 * Forces the finished file to disk.
	 * @throws IOException if it cannot be forced
	 */
	void force() throws IOException {
		awaitForcing();
		this.out.getFD().sync();
	}

	@Override
	public void close() throws IOException {
		try {
			awaitForcing();
		}
		finally {
			this.out.close();
		}
	}

	private void fillLockPage() throws IOException {
		if (this.next == this.lockPage && this.next <= this.header.commit()) {
			put(new byte[this.header.pageSize()]);
		}
	}

	private void put(byte[] page) throws IOException {
		int pageSize = this.header.pageSize();
		if (this.buffer.length - this.used < pageSize) {
			flush();
		}
		System.arraycopy(page, 0, this.buffer, this.used, pageSize);
		this.used += pageSize;
		this.next++;
	}

	private void flush() throws IOException {
		this.out.write(this.buffer, 0, this.used);
		this.unforced += this.used;
		this.used = 0;
		if (this.unforced >= FORCE_EVERY && (this.forcing == null || this.forcing.isDone())) {
			awaitForcing();
			this.unforced = 0;
			this.forcing = this.executor.submit(() -> {
				this.out.getFD().sync();
				return null;
			});
		}
	}

	/**
	 * Waits whatever happens: the descriptor must not be closed under the other thread.
	 */
	private void awaitForcing() throws IOException {
		Future<?> running = this.forcing;
		if (running == null) {
			return;
		}
		this.forcing = null;
		boolean interrupted = false;
		try {
			while (true) {
				try {
					running.get();
					return;
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (ExecutionException ex) {
			throw new IOException("The restored database could not be forced to disk: " + ex.getCause().getMessage(),
					ex.getCause());
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private CorruptLtxException missing() {
		return new CorruptLtxException("up to TXID " + this.header.maxTxid(), 0,
				"page " + this.next + " of " + this.header.commit() + " is in none of the files");
	}

}
