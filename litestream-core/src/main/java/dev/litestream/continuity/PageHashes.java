package dev.litestream.continuity;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

import dev.litestream.Txid;
import dev.litestream.ltx.Crc64;
import dev.litestream.spool.SpoolAccess;
import org.jspecify.annotations.Nullable;

/**
 * A hash of every page of the database in the replica at one position: the file
 * {@code pages} beside the spool. With it a resync ships the pages that differ instead of
 * the whole database (law 5). Eight bytes a page, in page order, never completely in
 * memory.
 *
 * <pre>
 * offset  what
 * 0       header, slot 0     a header is written into the slot of its generation's last bit;
 * 512     header, slot 1     the newest valid one counts ({@link PageHashesHeader})
 * 4096    8 bytes per page, from page 1: CRC-64 of the page; 0 and what lies behind the end
 *         of the file stand for "not known"
 * </pre>
 *
 * A wrong hash is harmless as long as it is not the hash of an older state: it only
 * causes a page to be shipped without need. Therefore updates are made in place:
 * <ol>
 * <li>a header is forced to disk that says up to which position ({@code ahead}) hashes
 * may be newer than its position;</li>
 * <li>the hashes of all LTX files from the header's position to the new one are
 * overwritten, and forced to disk;</li>
 * <li>a header with the new position is forced to disk.</li>
 * </ol>
 * After a crash in between, the same files lead from the old position to the new one
 * again, whatever was overwritten before. Until then the hashes are of no use for
 * positions before {@code ahead}. Not thread-safe.
 */
public final class PageHashes {

	/** The offset of the hash of page 1. */
	static final long START = 4096;

	/** Distance of the two headers. */
	static final int SLOT = 512;

	private final Path path;

	private final PageHashesFile.Opener opener;

	public PageHashes(Path metaPath) {
		this(metaPath, PageHashesFile::open);
	}

	PageHashes(Path metaPath, PageHashesFile.Opener opener) {
		this.path = metaPath.resolve("pages");
		this.opener = opener;
	}

	/** The offset of the hash of a page. */
	static long offset(long pgno) {
		return START + (pgno - 1) * Long.BYTES;
	}

	/** The hash of a page, never 0. */
	static long hash(Crc64 crc, byte[] page, int pageSize) {
		crc.reset();
		crc.update(page, 0, pageSize);
		return hash(crc.value());
	}

	/** The hash of a page with a CRC-64, never 0. */
	static long hash(long sum) {
		return (sum != 0) ? sum : 1;
	}

	/**
	 * Reads the header. Returns {@code null} if there are no hashes or no header is
	 * whole.
	 */
	@Nullable PageHashesHeader header() throws IOException {
		if (!Files.exists(this.path)) {
			return null;
		}
		try (PageHashesFile file = this.opener.open(this.path)) {
			return header(file);
		}
	}

	private static @Nullable PageHashesHeader header(PageHashesFile file) throws IOException {
		PageHashesHeader newest = null;
		for (int slot = 0; slot < 2; slot++) {
			byte[] bytes = new byte[PageHashesHeader.SIZE];
			if (file.read((long) slot * SLOT, bytes, bytes.length) == bytes.length) {
				PageHashesHeader header = PageHashesHeader.decode(bytes);
				if (header != null && (newest == null || header.generation() > newest.generation())) {
					newest = header;
				}
			}
		}
		return (newest != null && isShort(file, newest)) ? null : newest;
	}

	/**
	 * Whether hashes are missing at the end. {@link PageHashesUpdate#complete()} fills
	 * them all, but they may be missing while an update is under way.
	 */
	private static boolean isShort(PageHashesFile file, PageHashesHeader header) throws IOException {
		return header.ahead().equals(header.txid()) && file.length() < offset(header.pages() + 1);
	}

	/**
	 * Begins an update that leads to the position {@code ahead}. Fails if there are no
	 * hashes.
	 */
	PageHashesUpdate update(Txid ahead) throws IOException {
		return begin((file) -> header(file), ahead);
	}

	/**
	 * Begins anew with nothing known, from the position before the first LTX file that
	 * will be applied to the position {@code ahead}.
	 */
	PageHashesUpdate start(Txid txid, int pageSize, Txid ahead) throws IOException {
		return begin((file) -> {
			// No header may survive: it would no longer be true.
			file.truncate(0);
			file.force();
			return PageHashesHeader.empty(txid, pageSize);
		}, ahead);
	}

	/** Begins hashes in another file, which {@link #publish()} puts in place. */
	PageHashesUpdate startAside(int pageSize) throws IOException {
		discardAside();
		return new PageHashesUpdate(create(aside()), PageHashesHeader.empty(Txid.ZERO, pageSize), Txid.ZERO);
	}

	/** Puts hashes in place that were begun in another file, and completed and closed. */
	void publish() throws IOException {
		Files.move(aside(), this.path, StandardCopyOption.ATOMIC_MOVE);
	}

	/** Whether there are hashes in another file, complete or not. */
	boolean existAside() {
		return Files.exists(aside());
	}

	/** Removes hashes that were begun in another file. */
	void discardAside() throws IOException {
		Files.deleteIfExists(aside());
	}

	private PageHashesFile create(Path file) throws IOException {
		boolean created = !Files.exists(file);
		PageHashesFile opened = this.opener.open(file);
		if (created) {
			SpoolAccess.grant(this.path.toAbsolutePath().getParent(), file);
		}
		return opened;
	}

	private Path aside() {
		return this.path.resolveSibling("pages.tmp");
	}

	private PageHashesUpdate begin(Beginning beginning, Txid ahead) throws IOException {
		PageHashesFile file = create(this.path);
		try {
			PageHashesHeader header = beginning.header(file);
			if (header == null) {
				throw new IOException("There are no page hashes in " + this.path);
			}
			return new PageHashesUpdate(file, header, ahead);
		}
		catch (IOException | RuntimeException ex) {
			file.close();
			throw ex;
		}
	}

	/**
	 * Opens the hashes for comparing.
	 * @return the reader, or {@code null} if there are no hashes, or not all are of one
	 * position
	 * @throws IOException if the file cannot be read
	 */
	public @Nullable Reader read() throws IOException {
		if (!Files.exists(this.path)) {
			return null;
		}
		PageHashesFile file = this.opener.open(this.path);
		try {
			PageHashesHeader header = header(file);
			if (header != null && header.ahead().equals(header.txid())) {
				return new Reader(file, header);
			}
		}
		catch (IOException | RuntimeException ex) {
			file.close();
			throw ex;
		}
		file.close();
		return null;
	}

	/** Forgets the hashes. */
	void remove() throws IOException {
		Files.deleteIfExists(this.path);
	}

	/** Finds the header to start from. */
	@FunctionalInterface
	private interface Beginning {

		@Nullable PageHashesHeader header(PageHashesFile file) throws IOException;

	}

	/** Compares pages with their hashes, in page order. */
	public static final class Reader implements Closeable {

		private static final int AHEAD = 8192;

		private final Crc64 crc = new Crc64();

		private final PageHashesFile file;

		private final PageHashesHeader header;

		private final ByteBuffer hashes = ByteBuffer.allocate(AHEAD * Long.BYTES);

		/** Page of the first hash in the buffer. */
		private long first = 1;

		/** Hashes in the buffer. */
		private int count;

		private Reader(PageHashesFile file, PageHashesHeader header) {
			this.file = file;
			this.header = header;
		}

		PageHashesHeader header() {
			return this.header;
		}

		/**
		 * Whether a page is the same as in the replica.
		 * @param pgno the page number; ascending numbers are read ahead
		 * @param page the page now
		 * @return whether it is known to be the same
		 * @throws IOException if the file cannot be read
		 */
		public boolean same(long pgno, byte[] page) throws IOException {
			return known(pgno) == hash(page);
		}

		/** The hash of a page in the replica, 0 if that is not known. */
		long known(long pgno) throws IOException {
			if (pgno > this.header.pages()) {
				return 0;
			}
			if (pgno < this.first || pgno >= this.first + this.count) {
				this.first = pgno;
				this.count = this.file.read(offset(pgno), this.hashes.array(), this.hashes.capacity()) / Long.BYTES;
				if (this.count == 0) {
					return 0;
				}
			}
			return this.hashes.getLong((int) (pgno - this.first) * Long.BYTES);
		}

		/** The hash of a page as it would be known. */
		long hash(byte[] page) {
			return PageHashes.hash(this.crc, page, this.header.pageSize());
		}

		@Override
		public void close() throws IOException {
			this.file.close();
		}

	}

}
