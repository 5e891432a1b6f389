package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import dev.litestream.Txid;

/**
 * What the application notes outside of its database, on disk before the method returns.
 * A line that a kill cut short does not count. Thread-safe.
 */
final class Journal implements AutoCloseable {

	private final FileChannel file;

	private final int run;

	/**
	 * Opens a run's journal.
	 * @param path the file, of all runs
	 * @param run the run
	 */
	Journal(Path path, int run) throws IOException {
		this.file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
		this.run = run;
	}

	/** The run begins with a commit that is about to be made. */
	void begins(long commit) throws IOException {
		append("begins " + this.run + " " + commit);
	}

	/**
	 * Later commits than this one come after a TXID and after a time.
	 * @param commit the newest commit that had begun
	 * @param txid the position before that
	 * @param time the time before that, in milliseconds
	 */
	void later(long commit, Txid txid, long time) throws IOException {
		append("later " + this.run + " " + commit + " " + txid.value() + " " + time);
	}

	/**
	 * The replica has a commit.
	 * @param commit the commit
	 * @param txid a position that holds it
	 */
	void acknowledged(long commit, Txid txid) throws IOException {
		append("acknowledged " + this.run + " " + commit + " " + txid.value());
	}

	/**
	 * What the run has counted so far.
	 * @param counters numbers
	 */
	void counted(String counters) throws IOException {
		append("counted " + this.run + " " + counters);
	}

	private synchronized void append(String line) throws IOException {
		// The line before may have been cut short.
		ByteBuffer bytes = ByteBuffer.wrap(("\n" + line + " .").getBytes(StandardCharsets.US_ASCII));
		while (bytes.hasRemaining()) {
			this.file.write(bytes);
		}
		this.file.force(false);
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
