package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The largest size of a WAL, looked at fifty times a second. Asks for its size only and
 * never opens it.
 */
final class WalWatch implements AutoCloseable {

	private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

	private volatile long largest;

	WalWatch(Path database) {
		Path wal = database.resolveSibling(database.getFileName() + "-wal");
		this.thread.scheduleAtFixedRate(() -> look(wal), 0, 20, TimeUnit.MILLISECONDS);
	}

	private void look(Path wal) {
		try {
			this.largest = Math.max(this.largest, Files.size(wal));
		}
		catch (IOException ex) {
			// there is none at the moment
		}
	}

	/** Bytes. */
	long largest() {
		return this.largest;
	}

	@Override
	public void close() {
		this.thread.shutdownNow();
	}

}
