package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;

/**
 * Merges the pages of contiguous LTX files into the pages of one: in ascending order, the
 * newest version of each page, none beyond the last file's commit. The result equals
 * applying the files one after the other. A file with a smaller commit truncates the
 * database: a page that it cuts off does not come back when a later file grows the
 * database again. Needs no more memory than the readers and one page. After a failed call
 * only {@link #close()} may be called. Not thread-safe.
 */
public final class PageMerge implements Closeable {

	private final List<LtxReader> readers;

	private final LtxHeader header;

	private final PageOrder order;

	/** Inputs that have a page left: smallest page number first, then newest file. */
	private final PriorityQueue<Input> inputs;

	/** Receives pages that are dropped; they still count for their file's checksum. */
	private final byte[] dropped;

	private boolean started;

	private boolean readable = true;

	/**
	 * Starts a merge.
	 * @param oldestFirst the files, each at its start, contiguous (overlap allowed);
	 * closed by {@link #close()}, or immediately if this fails
	 * @throws IOException if a file cannot be closed after a failure
	 * @throws IllegalArgumentException if there are no files, or they are not contiguous
	 * or differ in page size
	 */
	public PageMerge(List<LtxReader> oldestFirst) throws IOException {
		this.readers = List.copyOf(oldestFirst);
		try {
			checkContiguous(this.readers);
		}
		catch (IllegalArgumentException ex) {
			close();
			throw ex;
		}
		LtxHeader first = this.readers.get(0).header();
		LtxHeader last = this.readers.get(this.readers.size() - 1).header();
		this.header = new LtxHeader(LtxFormat.NO_CHECKSUM, last.pageSize(), last.commit(), first.minTxid(),
				last.maxTxid(), last.timestamp(), 0, 0, 0, 0, 0, 0);
		this.order = new PageOrder(this.header);
		this.dropped = new byte[last.pageSize()];
		this.inputs = new PriorityQueue<>(this.readers.size(), Input.SMALLEST_PAGE_THEN_NEWEST);
	}

	/**
	 * The header of the merged file: first file's minimum, last file's maximum, commit
	 * and timestamp, no WAL fields, no rolling checksum.
	 * @return the header
	 */
	public LtxHeader header() {
		return this.header;
	}

	/**
	 * The next page.
	 * @param page receives the page
	 * @return the page number, or 0 when all inputs have been read to their verified end
	 * @throws CorruptLtxException if a file is not valid or pages are missing from a
	 * snapshot
	 * @throws IOException if a file cannot be read
	 * @throws IllegalStateException if an earlier call failed
	 */
	public long nextPage(byte[] page) throws IOException {
		if (!this.readable) {
			throw new IllegalStateException("The merge of " + name() + " cannot be read further: it has failed");
		}
		// The file that fails is no longer among the inputs: the others would seem whole.
		this.readable = false;
		long pgno = next(page);
		this.readable = true;
		return pgno;
	}

	/**
	 * Closes all readers, also if one of them cannot be closed.
	 */
	@Override
	public void close() throws IOException {
		IOException failure = null;
		for (LtxReader reader : this.readers) {
			try {
				reader.close();
			}
			catch (IOException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	private long next(byte[] page) throws IOException {
		if (!this.started) {
			this.started = true;
			start();
		}
		while (true) {
			Input newest = this.inputs.poll();
			if (newest == null) {
				check(this.order.end());
				return 0;
			}
			long pgno = newest.pgno;
			boolean kept = pgno <= newest.smallestCommit;
			newest.reader.readContent(kept ? page : this.dropped);
			advance(newest);
			for (Input older = this.inputs.peek(); older != null && older.pgno == pgno; older = this.inputs.peek()) {
				this.inputs.remove();
				older.reader.readContent(this.dropped);
				advance(older);
			}
			if (kept) {
				check(this.order.accept(pgno));
				return pgno;
			}
		}
	}

	private void start() throws IOException {
		List<Input> newestFirst = new ArrayList<>();
		long smallestCommit = LtxFormat.MAX_PGNO;
		for (int i = this.readers.size() - 1; i >= 0; i--) {
			LtxReader reader = this.readers.get(i);
			smallestCommit = Math.min(smallestCommit, reader.header().commit());
			newestFirst.add(new Input(reader, i, smallestCommit));
		}
		for (Input input : newestFirst) {
			advance(input);
		}
	}

	private void advance(Input input) throws IOException {
		input.pgno = input.reader.nextPgno();
		if (input.pgno != 0) {
			this.inputs.add(input);
		}
	}

	private void check(@Nullable String fault) throws CorruptLtxException {
		if (fault != null) {
			throw new CorruptLtxException(name() + " merged from " + this.readers.size() + " files", fault);
		}
	}

	private String name() {
		return LtxFileName.of(this.header.minTxid(), this.header.maxTxid());
	}

	private static void checkContiguous(List<LtxReader> readers) {
		if (readers.isEmpty()) {
			throw new IllegalArgumentException("No LTX files to merge");
		}
		for (int i = 1; i < readers.size(); i++) {
			LtxHeader previous = readers.get(i - 1).header();
			LtxHeader next = readers.get(i).header();
			String names = "LTX files " + readers.get(i - 1).name() + " and " + readers.get(i).name();
			if (next.pageSize() != previous.pageSize()) {
				throw new PageSizeMismatchException(names + " cannot be merged: their page sizes are "
						+ previous.pageSize() + " and " + next.pageSize());
			}
			if (!isContiguous(previous.maxTxid(), next)) {
				throw new IllegalArgumentException(names + " cannot be merged: " + next.minTxid() + ".."
						+ next.maxTxid() + " does not continue " + previous.maxTxid());
			}
		}
	}

	private static boolean isContiguous(Txid previousMax, LtxHeader next) {
		return next.maxTxid().isAfter(previousMax) && !next.minTxid().isAfter(previousMax.next());
	}

	private static final class Input {

		static final Comparator<Input> SMALLEST_PAGE_THEN_NEWEST = (a, b) -> {
			int order = Long.compare(a.pgno, b.pgno);
			return (order != 0) ? order : Integer.compare(b.place, a.place);
		};

		private final LtxReader reader;

		/** Index among the files, oldest first. */
		private final int place;

		/** The smallest size of the database since this file. */
		private final long smallestCommit;

		private long pgno;

		Input(LtxReader reader, int place, long smallestCommit) {
			this.reader = reader;
			this.place = place;
			this.smallestCommit = smallestCommit;
		}

	}

}
