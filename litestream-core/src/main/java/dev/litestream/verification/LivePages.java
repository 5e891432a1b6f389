package dev.litestream.verification;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import dev.litestream.Txid;
import dev.litestream.ltx.Crc64;
import dev.litestream.sqlite.StillImage;
import dev.litestream.restore.Restorer;
import org.jspecify.annotations.Nullable;

/**
 * A digest of each page of the live database at one position, eight bytes a page in a
 * file, and the comparison of a restored database with them. The live database has to
 * stay unchanged only while it is read, not during the restore. Not thread-safe.
 */
final class LivePages implements Restorer.PageSink, Closeable {

	private static final int BUFFER = 1 << 16;

	private static final int MOST_NAMED = 20;

	private final Crc64 crc = new Crc64();

	private final Path file;

	private final Txid txid;

	private final long pages;

	private final int pageSize;

	private @Nullable DataInputStream digests;

	/** The page whose digest is read next. */
	private long next;

	private long differing;

	/** The first pages that differ. */
	private final List<Long> named = new ArrayList<>();

	private boolean otherPageSize;

	private LivePages(Path file, Txid txid, long pages, int pageSize) {
		this.file = file;
		this.txid = txid;
		this.pages = pages;
		this.pageSize = pageSize;
	}

	/**
	 * Takes the digests of the live database, and keeps them in a new file. Throws
	 * {@link InterruptedException} if the thread is interrupted.
	 */
	static LivePages of(StillImage image, Path file) throws IOException, InterruptedException {
		LivePages pages = new LivePages(file, image.txid(), image.pages(), image.pageSize());
		try (DataOutputStream out = new DataOutputStream(
				new BufferedOutputStream(Files.newOutputStream(file), BUFFER))) {
			long[] next = { 1 };
			image.read((pgno, page) -> {
				for (; next[0] < pgno; next[0]++) {
					out.writeLong(0);
				}
				out.writeLong(pages.digest(page));
				next[0]++;
			});
		}
		return pages;
	}

	private long digest(byte[] page) {
		this.crc.reset();
		this.crc.update(page, 0, this.pageSize);
		return this.crc.value();
	}

	Txid txid() {
		return this.txid;
	}

	long pages() {
		return this.pages;
	}

	long bytes() {
		return this.pages * this.pageSize;
	}

	/** Compares one page of the restored database. A restore may start again. */
	@Override
	public void page(long pgno, byte[] page, int pageSize) throws IOException {
		DataInputStream digests = this.digests;
		if (digests == null || pgno < this.next) {
			close();
			digests = new DataInputStream(new BufferedInputStream(Files.newInputStream(this.file), BUFFER));
			this.digests = digests;
			this.next = 1;
			this.differing = 0;
			this.named.clear();
			this.otherPageSize = false;
		}
		if (pageSize != this.pageSize) {
			this.otherPageSize = true;
			return;
		}
		boolean same = false;
		if (pgno <= this.pages) {
			digests.skipNBytes((pgno - this.next) * Long.BYTES);
			same = digests.readLong() == digest(page);
		}
		this.next = pgno + 1;
		if (!same) {
			this.differing++;
			if (this.named.size() < MOST_NAMED) {
				this.named.add(pgno);
			}
		}
	}

	/**
	 * The result of the comparison, once all pages have been compared: the difference
	 * from a restored database with a size in pages, in words, or {@code null} if there
	 * is none.
	 */
	@Nullable String difference(long restored) {
		if (this.otherPageSize) {
			return "its pages have another size than the " + this.pageSize + " bytes of the database's";
		}
		if (restored != this.pages) {
			return "it has " + restored + " pages and the database " + this.pages;
		}
		return (this.differing == 0) ? null
				: this.differing + " of its " + this.pages + " pages differ"
						+ ((this.differing > this.named.size()) ? ", the first are " : ": ")
						+ this.named.stream().map(String::valueOf).collect(Collectors.joining(", "));
	}

	/** Whether all pages have been compared and none differs. */
	boolean isSame() {
		return this.next > this.pages && difference(this.pages) == null;
	}

	@Override
	public void close() throws IOException {
		DataInputStream digests = this.digests;
		if (digests != null) {
			this.digests = null;
			digests.close();
		}
	}

}
