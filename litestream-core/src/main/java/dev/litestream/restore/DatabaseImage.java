package dev.litestream.restore;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

import dev.litestream.ltx.LtxHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes a database file page by page, in any order; runs of neighbouring pages are
 * written together. Pages that are not written stay zero, as the lock page must. Another
 * thread forces written pages to disk along the way: little is left to wait for at the
 * end. Not thread-safe.
 */
final class DatabaseImage implements Closeable {

	private static final int BUFFER_SIZE = 512 * 1024;

	private static final long FORCE_EVERY = 64L * 1024 * 1024;

	private final RandomAccessFile out;

	private final ExecutorService executor;

	private final int pageSize;

	private final byte[] buffer;

	private int used;

	/** The page that the buffer begins with. */
	private long first = 1;

	private long unforced;

	private @Nullable Future<?> forcing;

	/**
	 * Creates the file, which must not exist, with the mode that SQLite gives a new
	 * database. The header tells page size and number of pages.
	 */
	DatabaseImage(Path path, LtxHeader header, ExecutorService executor) throws IOException {
		boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
		Files.createFile(path,
				posix ? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")) }
						: new FileAttribute<?>[0]);
		this.pageSize = header.pageSize();
		this.executor = executor;
		this.buffer = new byte[Math.max(BUFFER_SIZE, this.pageSize)];
		// not a channel: that would be closed if this thread is interrupted
		this.out = new RandomAccessFile(path.toFile(), "rw");
	}

	/** Writes a page of the database, which the array holds at its start. */
	void write(long pgno, byte[] page) throws IOException {
		if (pgno != this.first + this.used / this.pageSize || this.buffer.length - this.used < this.pageSize) {
			flush();
			this.first = pgno;
		}
		System.arraycopy(page, 0, this.buffer, this.used, this.pageSize);
		this.used += this.pageSize;
	}

	/** Hands all that was written to the operating system. */
	void flush() throws IOException {
		if (this.used == 0) {
			return;
		}
		this.out.seek((this.first - 1) * this.pageSize);
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
	 * Ends the file at its size in pages, now that it has all of them, and begins to
	 * force it to disk; {@link #close()} waits for that. Fails also if an earlier forcing
	 * failed.
	 */
	void finish(long pages) throws IOException {
		flush();
		awaitForcing();
		// the lock page may be the last one, which is not written
		this.out.setLength(pages * this.pageSize);
		this.forcing = this.executor.submit(() -> {
			this.out.getFD().sync();
			return null;
		});
	}

	/** Closes the file, and fails if it could not be forced to disk. */
	@Override
	public void close() throws IOException {
		try {
			awaitForcing();
		}
		finally {
			this.out.close();
		}
	}

	/**
	 * Waits, whatever happens: the descriptor must not be closed while the other thread
	 * uses it.
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

}
