package dev.litestream.restore;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * The files of a plan in the order in which they are needed. Several are read ahead at
 * the same time: nobody waits for the replica's round trips or digests. Memory is bounded
 * by the number of files on their way. Not thread-safe.
 */
final class Arrivals implements Closeable {

	/** How many streams are read at the same time. */
	private static final int THREADS = 8;

	/** How many files are on their way or have arrived; only small ones arrive whole. */
	private static final int AHEAD = 24;

	private static final AtomicInteger threadNumber = new AtomicInteger();

	private final ReplicaClient client;

	private final Iterator<LtxFileInfo> files;

	private final Deque<Arrival> ahead = new ArrayDeque<>();

	private final ExecutorService executor;

	/** Starts to read the files, which are in the order in which they are needed. */
	Arrivals(ReplicaClient client, List<LtxFileInfo> files) {
		this.client = client;
		this.files = files.iterator();
		this.executor = Executors.newFixedThreadPool(Math.min(THREADS, Math.max(1, files.size())), Arrivals::thread);
		readAhead();
	}

	private void readAhead() {
		while (this.ahead.size() < AHEAD && this.files.hasNext()) {
			LtxFileInfo file = this.files.next();
			this.ahead.add(new Arrival(file, new ReadAhead(() -> this.client.read(file), file.size(), this.executor)));
		}
	}

	/**
	 * The next file, or {@code null} after the last one. Close it before asking for the
	 * one after it.
	 */
	@Nullable Arrival next() {
		Arrival next = this.ahead.poll();
		readAhead();
		return next;
	}

	/**
	 * Ends all reading.
	 */
	@Override
	public void close() throws IOException {
		try {
			while (!this.ahead.isEmpty()) {
				this.ahead.remove().content().close();
			}
		}
		finally {
			this.executor.shutdownNow();
		}
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "litestream-restore-" + threadNumber.incrementAndGet());
		thread.setDaemon(true);
		return thread;
	}

	/** One file on its way, as it was listed, and its bytes, which can be read once. */
	record Arrival(LtxFileInfo file, InputStream content) {
	}

}
