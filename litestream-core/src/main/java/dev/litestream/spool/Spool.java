package dev.litestream.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.PageSums;
import dev.litestream.replica.FileAccess;
import org.jspecify.annotations.Nullable;

/**
 * The local directory of LTX files that may not have reached the replica yet:
 * {@code .<db>-litestream/ltx/0}, as in Litestream: either program can continue where the
 * other ended. A file appears by rename. It is forced to disk only when it matters:
 * before a checkpoint lets its frames leave the WAL while the replica has not
 * acknowledged it ({@link #force()}, law 1). Files left by a power loss are verified at
 * the next start. Thread-safe.
 */
public final class Spool {

	/** LTX files up to this size are kept in memory until they are uploaded. */
	private static final int KEEP_IN_MEMORY = 256 * 1024;

	/** By position; at the same position the raw file first, then the snapshot. */
	private static final Comparator<LtxFileName> ORDER = Comparator.comparing(LtxFileName::maxTxid)
		.thenComparing(LtxFileName::minTxid, Comparator.reverseOrder());

	private final Path metaPath;

	private final Path directory;

	private final Disk disk;

	/** Whether new files get the same access as the others without help. */
	private volatile boolean createdRight;

	/** Files written since the start that are not known to be durable. */
	private final ConcurrentNavigableMap<LtxFileName, Path> unforced = new ConcurrentSkipListMap<>(ORDER);

	/** Files that are only in memory: nothing may rely on them. */
	private final ConcurrentNavigableMap<LtxFileName, SpoolFile> unstored = new ConcurrentSkipListMap<>(ORDER);

	public Spool(Path metaPath) {
		this(metaPath, Spool::force);
	}

	/**
	 * Sets the directory.
	 * @param metaPath the parent of the directory
	 * @param disk makes files durable
	 */
	public Spool(Path metaPath, Disk disk) {
		this.metaPath = metaPath;
		this.directory = metaPath.resolve("ltx").resolve("0");
		this.disk = disk;
	}

	/**
	 * Creates the directory and removes leftovers of interrupted writes.
	 * @throws IOException if the directory cannot be used
	 */
	public void open() throws IOException {
		FileAccess.createPrivate(this.metaPath);
		FileAccess.createPrivate(this.metaPath.resolve("ltx"));
		FileAccess.createPrivate(this.directory);
		try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(this.directory, "*.tmp")) {
			for (Path leftover : leftovers) {
				Files.deleteIfExists(leftover);
			}
		}
	}

	/**
	 * Takes over the access to the database: a user who may not read that may not read
	 * this either.
	 * @param database the database file, without links
	 * @throws IOException if the directory cannot be read
	 */
	public void takeOverAccess(Path database) throws IOException {
		SpoolAccess.takeOver(database, this.metaPath);
		this.createdRight = false;
	}

	/** A file has been created; usually that is all. */
	private void grant(Path file) throws IOException {
		if (!this.createdRight) {
			this.createdRight = !SpoolAccess.grant(this.metaPath, file);
		}
	}

	/**
	 * Lists the files, oldest first; at the same position the raw file first, then the
	 * snapshot.
	 * @return the names
	 * @throws IOException if the directory cannot be read
	 */
	public List<LtxFileName> list() throws IOException {
		List<LtxFileName> names = new ArrayList<>();
		if (!Files.isDirectory(this.directory)) {
			return names;
		}
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.directory, "*.ltx")) {
			for (Path file : files) {
				LtxFileName name = LtxFileName.parse(file.getFileName().toString());
				if (name == null) {
					throw new SpoolException(
							"The file " + file + " in the local spool is not an LTX file; move it away", null);
				}
				names.add(name);
			}
		}
		names.sort(ORDER);
		return names;
	}

	/**
	 * The header of the newest file that can be read.
	 * @return the header, or {@code null} if there is none
	 * @throws IOException if the directory or a file in it cannot be read
	 */
	public @Nullable LtxHeader newestHeader() throws IOException {
		List<LtxFileName> names = list();
		for (int i = names.size() - 1; i >= 0; i--) {
			try (LtxReader ltx = new LtxReader(read(names.get(i)), names.get(i).toString())) {
				return ltx.header();
			}
			catch (CorruptLtxException ex) {
				// Left by a power loss: treated as if it had never existed.
			}
		}
		return null;
	}

	public Path path(LtxFileName name) {
		return this.directory.resolve(name.toString());
	}

	/**
	 * Opens a file.
	 * @param file the file
	 * @return its bytes
	 * @throws IOException if it cannot be read
	 */
	public InputStream read(SpoolFile file) throws IOException {
		return (file.bytes() != null) ? new ByteArrayInputStream(file.bytes()) : Files.newInputStream(file.path());
	}

	/**
	 * Opens a file in the spool by its name.
	 * @param name its name
	 * @return its bytes
	 * @throws IOException if it cannot be read
	 */
	public InputStream read(LtxFileName name) throws IOException {
		Path path = path(name);
		if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
			throw new SpoolException("The file " + path + " in the local spool cannot be read; give the application"
					+ " read access to it, or move it away", null);
		}
		return Files.newInputStream(path);
	}

	/**
	 * Starts writing a file.
	 * @param min first position
	 * @param max last position
	 * @return where to write it
	 */
	public Draft draft(Txid min, Txid max) {
		return new Draft(new LtxFileName(min, max));
	}

	/**
	 * Writes a file that is in memory, and those that could not be written before. Does
	 * nothing for a file that is not in memory.
	 * @param file the file
	 * @throws IOException if it cannot be written; the next call of this method, of
	 * {@link #storeWaiting()} or {@link #force()} tries again, unless the replica has it
	 * by then
	 */
	public void store(SpoolFile file) throws IOException {
		if (file.bytes() != null) {
			this.unstored.put(file.name(), file);
			synchronized (this) {
				storeWaiting();
				if (!Files.exists(file.path())) {
					// The replica was faster. The file is still needed for the page
					// hashes.
					write(file, file.bytes());
				}
			}
		}
	}

	/**
	 * Writes the files that could not be written before; one thread at a time, since a
	 * checkpoint may force what a sync stores.
	 * @throws IOException if one cannot be written again
	 */
	public synchronized void storeWaiting() throws IOException {
		for (SpoolFile file : this.unstored.values()) {
			byte[] bytes = file.bytes();
			if (bytes != null) {
				write(file, bytes);
				this.unforced.put(file.name(), file.path());
			}
			this.unstored.remove(file.name());
		}
	}

	private void write(SpoolFile file, byte[] bytes) throws IOException {
		Path temporary = file.path().resolveSibling(file.path().getFileName() + ".tmp");
		try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
			grant(temporary);
			out.write(bytes);
		}
		catch (IOException ex) {
			throw cannotWrite(ex);
		}
		Files.move(temporary, file.path(), StandardCopyOption.ATOMIC_MOVE);
	}

	private IOException cannotWrite(IOException cause) {
		return new SpoolException("The local spool " + this.directory + " cannot be written (" + cause.getMessage()
				+ "); free space on its disk, give the application write access, or let litestream.dbs[].meta-path name"
				+ " another directory", cause);
	}

	/**
	 * Describes a file in the spool.
	 * @param name the file's name
	 * @param timestamp the timestamp of its header
	 * @return the file, its commits counted as signalled now
	 * @throws IOException if it cannot be read
	 */
	public SpoolFile describe(LtxFileName name, Instant timestamp) throws IOException {
		Path path = path(name);
		return new SpoolFile(name.minTxid(), name.maxTxid(), timestamp, Files.size(path), path, System.nanoTime());
	}

	/**
	 * Forces every file to disk that the replica has not acknowledged.
	 * @throws IOException if the disk refuses
	 */
	public void force() throws IOException {
		storeWaiting();
		boolean any = false;
		for (Map.Entry<LtxFileName, Path> entry : this.unforced.entrySet()) {
			try {
				this.disk.force(entry.getValue());
			}
			catch (NoSuchFileException ex) {
				// Acknowledged and removed meanwhile: must not be created again.
			}
			this.unforced.remove(entry.getKey());
			any = true;
		}
		if (any) {
			this.disk.force(this.directory);
		}
	}

	private static void force(Path path) throws IOException {
		// A directory cannot be opened for writing.
		StandardOpenOption option = Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
		try (FileChannel channel = FileChannel.open(path, option)) {
			channel.force(true);
		}
	}

	/**
	 * The replica has acknowledged everything up to a position: that no longer has to be
	 * forced to disk.
	 * @param acknowledged the position
	 */
	public void acknowledged(Txid acknowledged) {
		LtxFileName last = new LtxFileName(Txid.FIRST, acknowledged);
		this.unstored.headMap(last, true).clear();
		this.unforced.headMap(last, true).clear();
	}

	/**
	 * Removes the files that end before a position. The replica has acknowledged all of
	 * them, and the file of the position proves continuity at the next start.
	 * @param newest the position
	 * @throws IOException if a file cannot be removed
	 */
	public void removeBefore(Txid newest) throws IOException {
		for (LtxFileName name : list()) {
			if (name.maxTxid().isBefore(newest)) {
				Files.deleteIfExists(path(name));
			}
		}
	}

	/**
	 * Removes all files: the local state counts as lost.
	 * @throws IOException if a file cannot be removed
	 */
	public void clear() throws IOException {
		this.unstored.clear();
		this.unforced.clear();
		for (LtxFileName name : list()) {
			Files.deleteIfExists(path(name));
		}
	}

	/**
	 * Moves files to a directory where nothing reads or deletes them.
	 * @param names their names
	 * @return the directory, beside {@code ltx}
	 * @throws IOException if a file cannot be moved
	 */
	public Path putAside(List<LtxFileName> names) throws IOException {
		Path aside = this.metaPath.resolve("aside-" + System.currentTimeMillis());
		FileAccess.createPrivate(aside);
		SpoolAccess.grant(this.metaPath, aside);
		for (LtxFileName name : names) {
			Files.move(path(name), aside.resolve(name.toString()));
		}
		return aside;
	}

	/**
	 * A file being written: in memory while it is small, then in a temporary file.
	 */
	public final class Draft extends OutputStream implements Closeable {

		private final LtxFileName name;

		private final Path temporary;

		private ByteArrayOutputStream memory = new ByteArrayOutputStream(8192);

		private @Nullable FileOutputStream file;

		private long size;

		private Draft(LtxFileName name) {
			this.name = name;
			this.temporary = Spool.this.directory.resolve(name + ".tmp");
		}

		@Override
		public void write(int b) throws IOException {
			write(new byte[] { (byte) b }, 0, 1);
		}

		@Override
		public void write(byte[] b, int off, int len) throws IOException {
			this.size += len;
			if (this.file == null && this.memory.size() + len <= KEEP_IN_MEMORY) {
				this.memory.write(b, off, len);
				return;
			}
			try {
				if (this.file == null) {
					this.file = new FileOutputStream(this.temporary.toFile());
					grant(this.temporary);
					this.memory.writeTo(this.file);
					this.memory = new ByteArrayOutputStream(0);
				}
				this.file.write(b, off, len);
			}
			catch (IOException ex) {
				throw cannotWrite(ex);
			}
		}

		/**
		 * Ends the file. A small one stays in memory until {@link Spool#store} gives it
		 * its name, and can be uploaded meanwhile; a large one has its name now.
		 * @param timestamp the timestamp of its header
		 * @param since when its oldest commit was signalled, in nanoseconds
		 * @param sums what is known of its pages, or {@code null}
		 * @return the file
		 * @throws IOException if it cannot be written
		 */
		public SpoolFile publish(Instant timestamp, long since, @Nullable PageSums sums) throws IOException {
			Path path = path(this.name);
			byte[] bytes = null;
			if (this.file == null) {
				bytes = this.memory.toByteArray();
			}
			else {
				this.file.close();
				Files.move(this.temporary, path, StandardCopyOption.ATOMIC_MOVE);
				Spool.this.unforced.put(this.name, path);
			}
			return new SpoolFile(this.name.minTxid(), this.name.maxTxid(), timestamp, this.size, path, bytes, since,
					sums);
		}

		@Override
		public void close() throws IOException {
			if (this.file != null) {
				this.file.close();
			}
		}

		/**
		 * Removes the leftovers of an abandoned draft.
		 */
		public void discard() throws IOException {
			close();
			try {
				Files.delete(this.temporary);
			}
			catch (NoSuchFileException ex) {
				// Never left memory, or published.
			}
		}

	}

	/** Makes writes durable. */
	@FunctionalInterface
	public interface Disk {

		/**
		 * Forces a file, or a directory's entries, to disk.
		 * @param path the file or directory
		 */
		void force(Path path) throws IOException;

	}

}
