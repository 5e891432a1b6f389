package dev.litestream.ltx;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Reads one LTX file from a stream in one pass. Needs no more memory than its buffer.
 * After a failed call only {@link #close()} may be called. Not thread-safe.
 */
public final class LtxReader implements Closeable {

	/** Buffer size used when none is given, in bytes. */
	public static final int DEFAULT_BUFFER_SIZE = 64 * 1024;

	private final LtxInput in;

	private final LtxHeader header;

	private final PageOrder order;

	private final Crc64 checksum = new Crc64();

	private final IndexCheck index = new IndexCheck();

	private final Crc64 pageChecksum = new Crc64();

	private final byte[] pageNumber = new byte[Integer.BYTES];

	/** The post-apply checksum known from the pages, of a snapshot that tracks it. */
	private long rollingChecksum = LtxFormat.CHECKSUM_FLAG;

	private long postApplyChecksum;

	private long pgno;

	private int pageFlags;

	private long pageOffset;

	private State state = State.BETWEEN_PAGES;

	/**
	 * Reads and checks the header.
	 * @param in the file, from its first byte; closed by {@link #close()}, or immediately
	 * if this fails
	 * @param name the file's name, for messages
	 * @throws CorruptLtxException if the header is not valid
	 * @throws IOException if the stream fails
	 */
	public LtxReader(InputStream in, String name) throws IOException {
		this(in, name, DEFAULT_BUFFER_SIZE);
	}

	/**
	 * Reads and checks the header.
	 * @param in the file, from its first byte; closed by {@link #close()}, or immediately
	 * if this fails
	 * @param name the file's name, for messages
	 * @param bufferSize size of the buffer in bytes; raised if one page needs more
	 * @throws CorruptLtxException if the header is not valid
	 * @throws IOException if the stream fails
	 */
	public LtxReader(InputStream in, String name, int bufferSize) throws IOException {
		this.in = new LtxInput(in, name, Math.max(bufferSize, LtxFormat.HEADER_SIZE));
		try {
			this.header = readHeader();
		}
		catch (IOException | RuntimeException ex) {
			in.close();
			throw ex;
		}
		this.in.ensureCapacity(PageCodec.bound(this.header.pageSize()));
		this.order = new PageOrder(this.header);
	}

	/**
	 * The file's header.
	 * @return the header
	 */
	public LtxHeader header() {
		return this.header;
	}

	/**
	 * The file's name.
	 * @return the name given to the constructor
	 */
	public String name() {
		return this.in.name();
	}

	/**
	 * The file's rolling checksum of the database after it.
	 * @return the checksum, or 0 if the file carries none
	 * @throws IllegalStateException before the verified end
	 */
	public long postApplyChecksum() {
		if (this.state != State.VERIFIED) {
			throw new IllegalStateException("LTX file " + name() + " has not been read to its end");
		}
		return this.postApplyChecksum;
	}

	/**
	 * The checksum at the end of the file.
	 * @return the checksum
	 * @throws IllegalStateException before the verified end
	 */
	public long fileChecksum() {
		if (this.state != State.VERIFIED) {
			throw new IllegalStateException("LTX file " + name() + " has not been read to its end");
		}
		return this.checksum.value() | LtxFormat.CHECKSUM_FLAG;
	}

	/**
	 * Reads the next page. After the last page, index, trailer and file checksum are
	 * verified before 0 is returned: a caller that reaches the end has read a whole and
	 * correct file. Until then a page is only plausible.
	 * @param page receives the page, at least one page long
	 * @return the page number, or 0 at the verified end
	 * @throws CorruptLtxException if the file is not valid
	 * @throws IOException if the stream fails
	 * @throws IllegalStateException if an earlier call failed
	 */
	public long nextPage(byte[] page) throws IOException {
		long next = nextPgno();
		if (next != 0) {
			readContent(page);
		}
		return next;
	}

	/**
	 * Reads the next page's number, or returns 0 at the verified end. After any other
	 * number {@link #readContent} must follow.
	 */
	long nextPgno() throws IOException {
		if (this.state == State.VERIFIED) {
			return 0;
		}
		enter(State.BETWEEN_PAGES);
		this.pageOffset = this.in.offset();
		this.in.require(LtxFormat.PAGE_HEADER_SIZE);
		this.pgno = Integer.toUnsignedLong(this.in.intAt(0));
		this.pageFlags = this.in.shortAt(4);
		if (this.pgno == 0 && this.pageFlags == 0) {
			readEnd();
			this.state = State.VERIFIED;
			return 0;
		}
		if ((this.pageFlags & ~LtxFormat.SIZE_PREFIX) != 0) {
			throw this.in.corrupt("page " + this.pgno + " has unknown flags");
		}
		String fault = this.order.accept(this.pgno);
		if (fault != null) {
			throw this.in.corrupt(fault);
		}
		take(LtxFormat.PAGE_HEADER_SIZE);
		this.state = State.IN_PAGE;
		return this.pgno;
	}

	/**
	 * Reads the content of the page whose number has been read, into an array of at least
	 * one page.
	 */
	void readContent(byte[] page) throws IOException {
		enter(State.IN_PAGE);
		int pageSize = this.header.pageSize();
		Objects.checkFromIndexSize(0, pageSize, page.length);
		if ((this.pageFlags & LtxFormat.SIZE_PREFIX) != 0) {
			this.in.require(LtxFormat.PAGE_SIZE_FIELD);
			this.checksum.update(this.in.buffer(), this.in.position(), LtxFormat.PAGE_SIZE_FIELD);
			PageCodec.FASTEST.readBlock(this.in, this.pgno, page, pageSize);
		}
		else {
			PageFrame.read(this.in, page, pageSize);
		}
		this.checksum.update(page, 0, pageSize);
		if (this.header.tracksChecksum() && this.header.isSnapshot()) {
			this.rollingChecksum ^= pageChecksum(page, pageSize);
		}
		this.index.add(this.pgno, this.pageOffset, this.in.offset() - this.pageOffset);
		this.state = State.BETWEEN_PAGES;
	}

	/**
	 * Reads a whole file and verifies it.
	 * @param in the file; closed
	 * @param name the file's name, for messages
	 * @return its header
	 * @throws CorruptLtxException if the file is not valid
	 * @throws IOException if the stream fails
	 */
	public static LtxHeader verify(InputStream in, String name) throws IOException {
		try (in) {
			LtxReader reader = new LtxReader(in, name);
			byte[] page = new byte[reader.header.pageSize()];
			long pgno;
			do {
				pgno = reader.nextPage(page);
			}
			while (pgno != 0);
			return reader.header;
		}
	}

	@Override
	public void close() throws IOException {
		if (this.state != State.VERIFIED) {
			this.state = State.UNREADABLE;
		}
		this.in.close();
	}

	private LtxHeader readHeader() throws IOException {
		this.in.require(LtxFormat.HEADER_SIZE);
		try {
			LtxHeader decoded = LtxHeader.decode(this.in.buffer(), this.in.position());
			take(LtxFormat.HEADER_SIZE);
			return decoded;
		}
		catch (IllegalArgumentException ex) {
			throw this.in.corrupt(ex.getMessage());
		}
	}

	private void readEnd() throws IOException {
		String fault = this.order.end();
		if (fault != null) {
			throw this.in.corrupt(fault);
		}
		take(LtxFormat.PAGE_HEADER_SIZE);
		this.index.read(this.in, this.checksum);
		this.in.require(LtxFormat.TRAILER_SIZE);
		this.postApplyChecksum = this.in.longAt(0);
		take(Long.BYTES);
		if (this.in.longAt(0) != (this.checksum.value() | LtxFormat.CHECKSUM_FLAG)) {
			throw this.in.corrupt("the file checksum does not match");
		}
		checkPostApplyChecksum();
		this.in.skip(Long.BYTES);
		if (!this.in.atEnd()) {
			throw this.in.corrupt("bytes follow the trailer");
		}
	}

	private void checkPostApplyChecksum() throws IOException {
		if (!this.header.tracksChecksum()) {
			if (this.postApplyChecksum != 0) {
				throw this.in.corrupt("a file without checksums has a post-apply checksum");
			}
		}
		else if ((this.postApplyChecksum & LtxFormat.CHECKSUM_FLAG) == 0) {
			throw this.in.corrupt("the post-apply checksum is missing");
		}
		else if (this.header.isSnapshot()
				&& this.postApplyChecksum != (this.rollingChecksum | LtxFormat.CHECKSUM_FLAG)) {
			throw this.in.corrupt("the post-apply checksum does not match the pages");
		}
	}

	private long pageChecksum(byte[] page, int pageSize) {
		BigEndian.putInt(this.pageNumber, 0, (int) this.pgno);
		this.pageChecksum.reset();
		this.pageChecksum.update(this.pageNumber, 0, Integer.BYTES);
		this.pageChecksum.update(page, 0, pageSize);
		return this.pageChecksum.value();
	}

	/** Adds required bytes to the file checksum and skips them. */
	private void take(int count) {
		this.checksum.update(this.in.buffer(), this.in.position(), count);
		this.in.skip(count);
	}

	/** Leaves the reader unreadable until the step that begins here has succeeded. */
	private void enter(State expected) {
		if (this.state != expected) {
			throw new IllegalStateException("LTX file " + name() + " cannot be read further: closed or failed");
		}
		this.state = State.UNREADABLE;
	}

	private enum State {

		BETWEEN_PAGES, IN_PAGE, VERIFIED, UNREADABLE

	}

}
