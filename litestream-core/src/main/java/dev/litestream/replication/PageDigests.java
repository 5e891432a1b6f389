package dev.litestream.replication;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

import dev.litestream.Txid;
import dev.litestream.ltx.Crc64;
import org.jspecify.annotations.Nullable;

/**
 * A digest of every page of the database as the replica holds it at one position, beside
 * the spool: written while a database is restored, read once by the first sync after it,
 * which then ships only the pages that differ. Eight bytes a page, read and written in
 * page order, never held in memory.
 */
final class PageDigests {

	private static final int MAGIC = 0x4c544844;

	private PageDigests() {
	}

	private static Path file(Path metaPath) {
		return metaPath.resolve("restored");
	}

	/**
	 * Forgets the digests.
	 * @param metaPath the directory of the spool
	 * @throws IOException if the file cannot be removed
	 */
	static void remove(Path metaPath) throws IOException {
		Files.deleteIfExists(file(metaPath));
	}

	private static Path temporary(Path metaPath) {
		return metaPath.resolve("restored.tmp");
	}

	/**
	 * Removes what a writer left that was killed.
	 * @param metaPath the directory of the spool
	 * @throws IOException if the file cannot be removed
	 */
	static void removeLeftovers(Path metaPath) throws IOException {
		Files.deleteIfExists(temporary(metaPath));
	}

	private static long digest(Crc64 crc, byte[] page, int pageSize) {
		crc.reset();
		crc.update(page, 0, pageSize);
		return crc.value();
	}

	/** Writes digests while a database is restored. */
	static final class Writer implements Closeable {

		private final Crc64 crc = new Crc64();

		private final Path metaPath;

		private final Path temporary;

		private DataOutputStream out;

		private long next = 1;

		Writer(Path metaPath) throws IOException {
			this.metaPath = metaPath;
			Files.createDirectories(metaPath);
			this.temporary = temporary(metaPath);
			this.out = start(this.temporary);
		}

		private static DataOutputStream start(Path file) throws IOException {
			return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
		}

		void page(long pgno, byte[] page, int pageSize) throws IOException {
			if (pgno < this.next) {
				// The restore began anew because a file was unreadable.
				this.out.close();
				this.out = start(this.temporary);
				this.next = 1;
			}
			for (; this.next < pgno; this.next++) {
				this.out.writeLong(0);
			}
			this.out.writeLong(digest(this.crc, page, pageSize));
			this.next++;
		}

		/**
		 * Ends the file. The header comes last so that a file cut short is recognised.
		 */
		void publish(Txid txid, int pageSize, long pages) throws IOException {
			for (; this.next <= pages; this.next++) {
				this.out.writeLong(0);
			}
			this.out.writeLong(txid.value());
			this.out.writeInt(pageSize);
			this.out.writeInt((int) pages);
			this.out.writeInt(MAGIC);
			this.out.close();
			Files.move(this.temporary, file(this.metaPath), StandardCopyOption.REPLACE_EXISTING);
		}

		@Override
		public void close() throws IOException {
			this.out.close();
			Files.deleteIfExists(this.temporary);
		}

	}

	/** Reads digests in page order. */
	static final class Reader implements Closeable {

		private static final int FOOTER = 20;

		private final Crc64 crc = new Crc64();

		private final DataInputStream in;

		private final Txid txid;

		private final int pageSize;

		private final long pages;

		private long next = 1;

		private Reader(DataInputStream in, Txid txid, int pageSize, long pages) {
			this.in = in;
			this.txid = txid;
			this.pageSize = pageSize;
			this.pages = pages;
		}

		/**
		 * Opens the digests.
		 * @param metaPath the directory of the spool
		 * @return the reader, or {@code null} if there are none or they are not whole
		 * @throws IOException if the file cannot be read
		 */
		static @Nullable Reader open(Path metaPath) throws IOException {
			Path file = file(metaPath);
			long size;
			try {
				size = Files.size(file);
			}
			catch (NoSuchFileException ex) {
				return null;
			}
			if (size < FOOTER || (size - FOOTER) % 8 != 0) {
				return null;
			}
			DataInputStream footer = new DataInputStream(Files.newInputStream(file));
			try (footer) {
				footer.skipNBytes(size - FOOTER);
				Txid txid = new Txid(footer.readLong());
				int pageSize = footer.readInt();
				long pages = Integer.toUnsignedLong(footer.readInt());
				if (footer.readInt() != MAGIC || pages * 8 != size - FOOTER) {
					return null;
				}
				DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
				return new Reader(in, txid, pageSize, pages);
			}
		}

		Txid txid() {
			return this.txid;
		}

		int pageSize() {
			return this.pageSize;
		}

		/**
		 * Whether a page is the one that the replica holds. Pages are asked for in
		 * ascending order.
		 */
		boolean same(long pgno, byte[] page) throws IOException {
			if (pgno > this.pages) {
				return false;
			}
			this.in.skipNBytes((pgno - this.next) * 8);
			this.next = pgno + 1;
			return this.in.readLong() == digest(this.crc, page, this.pageSize);
		}

		@Override
		public void close() throws IOException {
			this.in.close();
		}

	}

}
