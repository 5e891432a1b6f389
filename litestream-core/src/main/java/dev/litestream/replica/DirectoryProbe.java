package dev.litestream.replica;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks in the background now and then whether a replica's directory is there: a file
 * system that hangs or is unmounted never makes the caller wait. Costs nothing as long as
 * nobody asks. Thread-safe.
 */
final class DirectoryProbe {

	private static final Logger logger = LoggerFactory.getLogger(DirectoryProbe.class);

	private static final long INTERVAL = Duration.ofSeconds(5).toNanos();

	/** A file system that has not answered for this long hangs. */
	private static final long SILENT = Duration.ofSeconds(15).toNanos();

	private static final AtomicInteger numbers = new AtomicInteger();

	/** A file system that hangs occupies one of them. */
	private static final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "litestream-directory-" + numbers.incrementAndGet());
		thread.setDaemon(true);
		return thread;
	});

	private final Path directory;

	private final ReplicaRoot root;

	private final Runnable whenThere;

	private final AtomicBoolean looking = new AtomicBoolean();

	private volatile long begun = System.nanoTime() - INTERVAL;

	/**
	 * Whether the directory has had levels: after an unmount it may still exist, but
	 * empty.
	 */
	private volatile boolean filled;

	private volatile @Nullable String outage;

	/**
	 * Creates a probe. It does not look before somebody asks; if the directory is there,
	 * it also runs another check.
	 */
	DirectoryProbe(Path directory, ReplicaRoot root, Runnable whenThere) {
		this.directory = directory;
		this.root = root;
		this.whenThere = whenThere;
	}

	/**
	 * The outage that the last check found, if any: since when and why, with the cure.
	 * Does not wait.
	 */
	@Nullable String outage() {
		long age = System.nanoTime() - this.begun;
		if (this.looking.get()) {
			return (age > SILENT)
					? "its file system has not answered for " + Duration.ofNanos(age).toSeconds()
							+ " s. Look at the disk or server that " + this.directory + " is mounted from"
					: this.outage;
		}
		if (age > INTERVAL && this.looking.compareAndSet(false, true)) {
			this.begun = System.nanoTime();
			try {
				threads.execute(this::look);
			}
			catch (OutOfMemoryError ex) {
				logger.warn("No thread could be started to look at {}; it will be tried again: {}", this.directory,
						ex.getMessage());
				this.looking.set(false);
			}
		}
		return this.outage;
	}

	private void look() {
		try {
			boolean levels = Files.isDirectory(this.directory.resolve("ltx"));
			ReplicaRoot.Fault fault = this.root.fault();
			if (fault == null && (levels || !this.filled)) {
				this.filled = levels;
				this.outage = null;
				this.whenThere.run();
			}
			else if (this.outage == null) {
				String now = (fault == ReplicaRoot.Fault.GONE) ? "gone" : levels ? "another one" : "empty";
				this.outage = "the directory has been " + now + " since "
						+ Instant.now().truncatedTo(ChronoUnit.SECONDS)
						+ ". Mount its file system again or put it back";
			}
		}
		finally {
			this.looking.set(false);
		}
	}

}
