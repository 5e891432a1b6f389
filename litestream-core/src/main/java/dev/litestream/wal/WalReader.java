package dev.litestream.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Reads committed frames of a WAL from a verified position, following the checksum chain.
 * Opens and closes the {@code -wal} file, which SQLite never locks. Torn, short, stale
 * and uncommitted frames are the end of the log, never an error. Not thread-safe.
 */
public final class WalReader implements Closeable {

	private static final int READ_AHEAD = 256 * 1024;

	private final WalFile file;

	private final WalHeader header;

	/** Frames that have been read ahead of {@link #readHeldPage}. */
	private byte[] ahead = new byte[0];

	private long aheadFrom;

	private int aheadLength;

	private long expected;

	private WalReader(WalFile file, WalHeader header) {
		this.file = file;
		this.header = header;
	}

	/**
	 * Opens a WAL.
	 * @param wal the {@code -wal} file
	 * @return the reader, or {@code null} if the file is missing, shorter than a header
	 * or its header is torn
	 * @throws IOException if it cannot be read
	 */
	public static @Nullable WalReader open(Path wal) throws IOException {
		return open(wal, new WalBuffer());
	}

	/**
	 * Opens a WAL with memory that an earlier reader has used.
	 * @param wal the {@code -wal} file
	 * @param buffer serves this reader until it is closed
	 * @return the reader, or {@code null} if the file is missing, shorter than a header
	 * or its header is torn
	 * @throws IOException if it cannot be read
	 */
	public static @Nullable WalReader open(Path wal, WalBuffer buffer) throws IOException {
		WalFile file = WalFile.open(wal, buffer);
		if (file == null) {
			return null;
		}
		WalHeader header = null;
		try {
			header = file.readHeader();
			return (header != null) ? new WalReader(file, header) : null;
		}
		finally {
			if (header == null) {
				file.close();
			}
		}
	}

	/**
	 * The header as it was when the WAL was opened.
	 * @return the header
	 */
	public WalHeader header() {
		return this.header;
	}

	/**
	 * Whether the header on disk is still the one read at opening (no restart since).
	 * @return whether the generation is unchanged
	 * @throws IOException if it cannot be read
	 */
	public boolean sameHeader() throws IOException {
		return this.header.equals(this.file.readHeader());
	}

	/**
	 * Whether the frame before a position is still the one that ended there: same salts
	 * and same running checksum. True for the position behind the header if the header's
	 * checksum matches.
	 * @param position a position of this generation
	 * @return whether the position still holds
	 * @throws IOException if it cannot be read
	 */
	public boolean holds(WalPosition position) throws IOException {
		if (!this.header.isFrameBoundary(position.offset())) {
			return false;
		}
		if (position.offset() == WalHeader.SIZE) {
			WalHeader onDisk = this.file.readHeader();
			return onDisk != null && onDisk.start().equals(position);
		}
		byte[] bytes = this.file.buffer(WalFrame.HEADER_SIZE);
		long frame = position.offset() - this.header.frameSize();
		return this.file.read(frame, bytes, WalFrame.HEADER_SIZE) == WalFrame.HEADER_SIZE
				&& WalFrame.salt1(bytes, 0) == position.salt1() && WalFrame.salt2(bytes, 0) == position.salt2()
				&& WalFrame.checksum1(bytes, 0) == position.checksum1()
				&& WalFrame.checksum2(bytes, 0) == position.checksum2();
	}

	/**
	 * Whether a frame of this generation starts at an offset. A hint: the checksum chain
	 * is not followed.
	 * @param offset offset of a frame's header
	 * @return whether there is a frame with this generation's salts
	 * @throws IOException if it cannot be read
	 */
	public boolean hasFrameAt(long offset) throws IOException {
		byte[] bytes = this.file.buffer(WalFrame.HEADER_SIZE);
		return this.file.read(offset, bytes, WalFrame.HEADER_SIZE) == WalFrame.HEADER_SIZE
				&& WalFrame.hasSalts(bytes, 0, this.header);
	}

	/**
	 * Scans committed frames from a position.
	 * @param from a verified position of this generation
	 * @param maxBytes soft limit: stop behind the first commit frame at or beyond this
	 * many bytes; 0 for none
	 * @return what was found
	 * @throws IOException if it cannot be read
	 * @throws IllegalArgumentException if the position is not of this generation
	 */
	public Scan scan(WalPosition from, long maxBytes) throws IOException {
		requirePosition(from);
		return new WalScan(this.file, this.header, from, maxBytes, 0, null).run();
	}

	/**
	 * Scans committed frames up to an exact position.
	 * @param from a verified position of this generation
	 * @param end a position of this generation behind a commit frame
	 * @return what was found; ends at {@code end} or before it if the chain breaks
	 * @throws IOException if it cannot be read
	 * @throws IllegalArgumentException if a position is not of this generation or the end
	 * lies before the start
	 */
	public Scan scanTo(WalPosition from, WalPosition end) throws IOException {
		requirePosition(from);
		requirePosition(end);
		if (end.offset() < from.offset()) {
			throw new IllegalArgumentException(String.format(Locale.ROOT,
					"WAL offset %d lies before the start %d of the scan", end.offset(), from.offset()));
		}
		return new WalScan(this.file, this.header, from, 0, end.offset(), end).run();
	}

	/**
	 * Scans committed frames up to an offset whose checksum is not known.
	 * @param from a verified position of this generation
	 * @param offset where a frame starts, not before {@code from}
	 * @return what was found; ends at the last commit frame before the offset, or earlier
	 * if the chain breaks
	 * @throws IOException if it cannot be read
	 * @throws IllegalArgumentException if the start is not of this generation or the
	 * offset lies before it
	 */
	public Scan scanToOffset(WalPosition from, long offset) throws IOException {
		requirePosition(from);
		if (offset < from.offset()) {
			throw new IllegalArgumentException(String.format(Locale.ROOT,
					"WAL offset %d lies before the start %d of the scan", offset, from.offset()));
		}
		return new WalScan(this.file, this.header, from, 0, offset, null).run();
	}

	private void requirePosition(WalPosition position) {
		if (!position.sameGeneration(this.header) || !this.header.isFrameBoundary(position.offset())) {
			throw new IllegalArgumentException(String.format(Locale.ROOT,
					"%s is no place between two frames of the WAL with %s", position, this.header));
		}
	}

	/**
	 * Where the last transaction before a position begins, if it is short.
	 * @param end a position of this generation behind a commit frame
	 * @param maxFrames the most frames that it may have
	 * @return where its first frame starts, or {@code null} if it is longer
	 * @throws IOException if it cannot be read
	 * @throws IllegalArgumentException if the position is not of this generation
	 */
	public @Nullable WalPosition lastTransaction(WalPosition end, int maxFrames) throws IOException {
		requirePosition(end);
		long start = end.offset();
		for (int frames = 0; frames < maxFrames; frames++) {
			start -= this.header.frameSize();
			if (start <= WalHeader.SIZE) {
				return this.header.start();
			}
			byte[] bytes = this.file.buffer(WalFrame.HEADER_SIZE);
			if (this.file.read(start - this.header.frameSize(), bytes, WalFrame.HEADER_SIZE) == WalFrame.HEADER_SIZE
					&& WalFrame.commit(bytes, 0) != 0) {
				WalPosition position = scanToOffset(this.header.start(), start).end();
				return (position.offset() == start) ? position : null;
			}
		}
		return null;
	}

	/**
	 * Reads the page of one frame.
	 * @param offset offset of the frame's header
	 * @param pgno the page that the frame must hold
	 * @param page receives the page; its content is undefined if the result is false
	 * @return whether the frame's header named that page and this generation's salts,
	 * both before and after the page was read
	 * @throws IOException if it cannot be read
	 * @throws IllegalArgumentException if the array has not the size of a page
	 */
	public boolean readPage(long offset, long pgno, byte[] page) throws IOException {
		if (page.length != this.header.pageSize()) {
			throw new IllegalArgumentException(String.format(Locale.ROOT,
					"A page of this WAL has %d bytes and does not go into %d", this.header.pageSize(), page.length));
		}
		int frameSize = this.header.frameSize();
		byte[] bytes = this.file.buffer(frameSize);
		if (this.file.read(offset, bytes, frameSize) != frameSize || !isFrameOf(bytes, pgno)) {
			return false;
		}
		System.arraycopy(bytes, WalFrame.HEADER_SIZE, page, 0, page.length);
		return this.file.read(offset, bytes, WalFrame.HEADER_SIZE) == WalFrame.HEADER_SIZE && isFrameOf(bytes, pgno);
	}

	/**
	 * Reads the page of a committed frame that cannot be overwritten, because the caller
	 * holds a read lock that was taken when the frame could not be, or was not there yet.
	 * Frames that follow each other are read many at a time.
	 * @param offset offset of the frame's header
	 * @param pgno the page that the frame must hold
	 * @param page receives the page; its content is undefined if the result is false
	 * @return whether the frame's header named that page and this generation's salts
	 * @throws IOException if it cannot be read
	 */
	public boolean readHeldPage(long offset, long pgno, byte[] page) throws IOException {
		int frameSize = this.header.frameSize();
		if (offset < this.aheadFrom || offset + frameSize > this.aheadFrom + this.aheadLength) {
			int frames = (offset == this.expected) ? Math.max(1, READ_AHEAD / frameSize) : 1;
			this.ahead = this.file.aheadBuffer(frames * frameSize);
			this.aheadFrom = offset;
			this.aheadLength = this.file.read(offset, this.ahead, frames * frameSize);
			if (this.aheadLength < frameSize) {
				return false;
			}
		}
		this.expected = offset + frameSize;
		int frame = (int) (offset - this.aheadFrom);
		System.arraycopy(this.ahead, frame + WalFrame.HEADER_SIZE, page, 0, this.header.pageSize());
		return Integer.toUnsignedLong(WalFrame.pgno(this.ahead, frame)) == pgno
				&& WalFrame.hasSalts(this.ahead, frame, this.header);
	}

	private boolean isFrameOf(byte[] bytes, long pgno) {
		return Integer.toUnsignedLong(WalFrame.pgno(bytes, 0)) == pgno && WalFrame.hasSalts(bytes, 0, this.header);
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

	/**
	 * What a scan found.
	 *
	 * @param end the position behind the last commit frame, or the start if there is none
	 * @param commit size of the database after it, in pages; 0 if there is no commit
	 * frame
	 * @param transactions number of commit frames
	 * @param limited whether the scan stopped at its limit and more may follow
	 * @param pages the newest frame of each page, none beyond {@code commit}
	 */
	public record Scan(WalPosition end, long commit, int transactions, boolean limited, PageMap pages) {

		/**
		 * Whether there was no commit frame.
		 * @return whether nothing was found
		 */
		public boolean isEmpty() {
			return this.transactions == 0;
		}

	}

}
