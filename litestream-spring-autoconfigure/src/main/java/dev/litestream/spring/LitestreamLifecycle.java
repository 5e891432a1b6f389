package dev.litestream.spring;

import java.time.Duration;

import dev.litestream.engine.LitestreamEngine;

import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.SmartLifecycle;

/**
 * Starts replication before web servers and schedulers start and stops it, with the final
 * sync, after they have stopped and before beans are destroyed. What beans still write
 * while they are destroyed is synced by {@link LitestreamEngine#close()}. Can be started
 * again after a stop.
 * <p>
 * If the application ends by {@link SpringApplication#exit}, it also gives the exit code:
 * {@value #NOT_REPLICATED} if not everything could be replicated.
 */
public class LitestreamLifecycle implements SmartLifecycle, ExitCodeGenerator {

	/**
	 * Phase of replication: stopped after everything that serves or schedules, but before
	 * the logging system is cleaned up.
	 */
	public static final int PHASE = Integer.MIN_VALUE + 1024;

	/**
	 * Exit code of an application whose commits are not all replicated; the next start
	 * ships them.
	 */
	public static final int NOT_REPLICATED = 75;

	/** For a stop after a final sync that has already used up its time. */
	private static final Duration ONCE_MORE = Duration.ofSeconds(1);

	private final LitestreamEngine engine;

	private volatile boolean timeUsedUp;

	/**
	 * Creates a lifecycle; starts nothing.
	 * @param engine what it starts and stops
	 */
	public LitestreamLifecycle(LitestreamEngine engine) {
		this.engine = engine;
	}

	@Override
	public void start() {
		this.timeUsedUp = false;
		this.engine.start();
	}

	@Override
	public void stop() {
		this.engine.stop(this.timeUsedUp ? ONCE_MORE : null);
	}

	@Override
	public void stop(Runnable callback) {
		try {
			stop();
		}
		finally {
			callback.run();
		}
	}

	@Override
	public boolean isRunning() {
		return this.engine.isRunning();
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/**
	 * Syncs and waits for the replicas, at most each database's
	 * {@code shutdown-sync-timeout}. Spring Boot asks before it closes the context.
	 */
	@Override
	public int getExitCode() {
		if (!isRunning() || this.engine.syncAll()) {
			return 0;
		}
		this.timeUsedUp = true;
		return NOT_REPLICATED;
	}

}
