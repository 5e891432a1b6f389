package dev.litestream.threads;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of an engine: one timer and a pool of workers, shared by all databases.
 * Their number does not grow with the number of databases: syncs, checkpoints and the
 * uploads to each store have a {@link Lane} each. Uploads that hang with their server
 * take no thread from syncs or from the uploads to another server, and checkpoints that
 * wait for a writer take none from syncs. While the system cannot start a thread, tasks
 * wait ({@link PatientThreads}). Daemon threads, ended by {@link #close()}. Thread-safe.
 */
public final class Workers implements AutoCloseable {

	/**
	 * Syncs, or checkpoints, at the same time: limited by processor and disk, except for
	 * short waits.
	 */
	private static final int LOCAL = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

	/**
	 * Simultaneous syncs that somebody waits for: they may have to wait for a sync under
	 * way.
	 */
	private static final int ASKED = 16;

	/** Simultaneous uploads to one store: limited by round trips. */
	private static final int UPLOADS = 16;

	/** How long to wait before a thread that could not be started is tried again. */
	private static final long RETRY = TimeUnit.MILLISECONDS.toNanos(100);

	private final LastingTimer timer;

	private final ThreadPoolExecutor pool;

	private final PatientThreads threads;

	private final Executor syncs;

	private final Executor asked;

	private final Executor checkpoints;

	private final Map<String, Executor> uploads = new ConcurrentHashMap<>();

	private final Ticks ticks = new Ticks(this);

	/**
	 * Starts the timer; workers start when there is work.
	 */
	public Workers() {
		this(named("litestream"));
	}

	/** Starts the timer; the factory makes the workers. */
	Workers(ThreadFactory factory) {
		this.timer = new LastingTimer(named("litestream-timer"));
		// Started now: it is needed most when no other thread can be started.
		this.timer.prestartCoreThread();
		this.pool = new ThreadPoolExecutor(2, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(),
				factory);
		this.threads = new PatientThreads(this.pool, (task) -> after(RETRY, task));
		this.syncs = lane(LOCAL);
		this.asked = lane(ASKED);
		this.checkpoints = lane(LOCAL);
	}

	private static ThreadFactory named(String name) {
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	/** All threads, without a limit: not for work that every database does. */
	public Executor pool() {
		return this.threads;
	}

	public Executor syncs() {
		return this.syncs;
	}

	/** For syncs that somebody waits for. */
	public Executor asked() {
		return this.asked;
	}

	public Executor checkpoints() {
		return this.checkpoints;
	}

	/**
	 * For uploads.
	 * @param store the store behind the replica; its replicas hang together
	 */
	public Executor uploads(String store) {
		return this.uploads.computeIfAbsent(store, (key) -> lane(UPLOADS));
	}

	/**
	 * A share of the threads.
	 * @param width the most tasks at the same time; others wait
	 * @return runs tasks
	 */
	public Executor lane(int width) {
		return new Lane(this.threads, width);
	}

	/**
	 * Runs a short task repeatedly, on a worker that it shares with all others of the
	 * same interval.
	 * @param interval the time between two runs
	 * @param task what to run
	 * @return ends it; one more run may be under way
	 */
	public Runnable tick(Duration interval, Runnable task) {
		return this.ticks.every(interval, task);
	}

	/**
	 * Runs a short task after a delay, on the timer's thread.
	 */
	public void after(long nanos, Runnable task) {
		if (!this.timer.isShutdown()) {
			this.timer.schedule(() -> LastingTimer.guarded(task), nanos, TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Runs a short task repeatedly on the timer's thread, whatever it throws. The result
	 * cancels it.
	 */
	Runnable every(Duration interval, Runnable task) {
		var scheduled = this.timer.scheduleWithFixedDelay(() -> {
			try {
				task.run();
			}
			finally {
				this.threads.startWaiting();
			}
		}, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
		return () -> scheduled.cancel(false);
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.pool.shutdown();
	}

}
