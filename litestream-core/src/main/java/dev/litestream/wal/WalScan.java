package dev.litestream.wal;

import java.io.IOException;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * One scan of a WAL, frame by frame, by the rules in the package documentation. Used
 * once.
 */
final class WalScan {

	/** Most syncs read a few frames: the first read is small, later ones grow. */
	private static final int FIRST_READ = 64 * 1024;

	private static final int LARGEST_READ = 512 * 1024;

	private final WalFile file;

	private final WalHeader header;

	private final int frameSize;

	private final WalPosition from;

	private final long maxBytes;

	/** Where to stop at the latest, in bytes; 0 for the end of the log. */
	private final long lastOffset;

	/** The position behind the last frame, if that is known. */
	private final @Nullable WalPosition last;

	private final WalChecksum checksum;

	/** Offset in the file of the frame to look at. */
	private long offset;

	/** Bytes that have been read, starting between two frames. */
	private byte[] block = new byte[0];

	/** Offset in the block of the frame to look at. */
	private int frame;

	private int blockLength;

	private int readSize = FIRST_READ;

	/** Pages of the frames since the last commit frame, in the order of the log. */
	private int[] pending = new int[64];

	private int pendingCount;

	private final PageMap pages = new PageMap();

	private WalPosition end;

	private long commit;

	private int transactions;

	/**
	 * Prepares a scan. The soft limit and the last offset are in bytes; 0 for none.
	 */
	WalScan(WalFile file, WalHeader header, WalPosition from, long maxBytes, long lastOffset,
			@Nullable WalPosition last) {
		this.lastOffset = lastOffset;
		this.file = file;
		this.header = header;
		this.frameSize = header.frameSize();
		this.from = from;
		this.maxBytes = maxBytes;
		this.last = last;
		this.checksum = new WalChecksum(header.bigEndianChecksum(), from.checksum1(), from.checksum2());
		this.offset = from.offset();
		this.end = from;
	}

	WalReader.Scan run() throws IOException {
		boolean limited = false;
		while (!limited && !isAtLast() && hasFrame() && isValid()) {
			addPage();
			int size = WalFrame.commit(this.block, this.frame);
			this.frame += this.frameSize;
			this.offset += this.frameSize;
			if (size != 0) {
				commit(size);
				limited = this.maxBytes > 0 && this.offset - this.from.offset() >= this.maxBytes;
			}
		}
		// once, not at each commit: a page that came back after a shrink is in the map
		this.pages.truncate(this.commit);
		return new WalReader.Scan(this.end, this.commit, this.transactions, limited, this.pages);
	}

	private boolean isAtLast() {
		return this.offset == this.lastOffset;
	}

	/** Rule 1: header and page are all there. */
	private boolean hasFrame() throws IOException {
		if (this.blockLength - this.frame < this.frameSize) {
			readBlock();
		}
		return this.blockLength - this.frame >= this.frameSize;
	}

	/** Reads from the frame to look at, a whole number of frames. */
	private void readBlock() throws IOException {
		long size = Math.max(1, this.readSize / this.frameSize) * (long) this.frameSize;
		if (this.lastOffset > 0) {
			size = Math.min(size, this.lastOffset - this.offset);
		}
		this.readSize = Math.min(this.readSize * 2, LARGEST_READ);
		this.block = this.file.buffer((int) size);
		this.frame = 0;
		this.blockLength = this.file.read(this.offset, this.block, (int) size);
	}

	private boolean isValid() {
		// rules 2 and 3: salts and page number
		if (!WalFrame.hasSalts(this.block, this.frame, this.header) || WalFrame.pgno(this.block, this.frame) == 0) {
			return false;
		}
		// rule 4: checksum
		this.checksum.update(this.block, this.frame, WalFrame.SUMMED_SIZE);
		this.checksum.update(this.block, this.frame + WalFrame.HEADER_SIZE, this.header.pageSize());
		if (!this.checksum.matches(WalFrame.checksum1(this.block, this.frame),
				WalFrame.checksum2(this.block, this.frame))) {
			return false;
		}
		// the frame that should end the scan may have been replaced, with unchanged salts
		return this.last == null || this.offset + this.frameSize < this.lastOffset
				|| this.checksum.matches(this.last.checksum1(), this.last.checksum2());
	}

	private void addPage() {
		if (this.pendingCount == this.pending.length) {
			this.pending = Arrays.copyOf(this.pending, this.pendingCount * 2);
		}
		this.pending[this.pendingCount++] = WalFrame.pgno(this.block, this.frame);
	}

	/** Takes the frames since the commit frame before into the map. */
	private void commit(int size) {
		long pageOffset = this.end.offset();
		for (int i = 0; i < this.pendingCount; i++) {
			this.pages.put(Integer.toUnsignedLong(this.pending[i]), pageOffset);
			pageOffset += this.frameSize;
		}
		this.pendingCount = 0;
		this.end = new WalPosition(this.from.salt1(), this.from.salt2(), this.offset, this.checksum.first(),
				this.checksum.second());
		this.commit = Integer.toUnsignedLong(size);
		this.transactions++;
	}

}
