package dev.litestream.spring;

import dev.litestream.engine.LitestreamEngine;

import org.springframework.context.SmartLifecycle;

/**
 * Starts replication before web servers and schedulers start and stops it, with the final
 * sync, after they have stopped and before beans are destroyed. What beans still write
 * while they are destroyed is synced by {@link LitestreamEngine#close()}. Can be started
 * again after a stop.
 */
public class LitestreamLifecycle implements SmartLifecycle {

	/**
	 * Phase of replication: stopped after everything that serves or schedules, but before
	 * the logging system is cleaned up.
	 */
	public static final int PHASE = Integer.MIN_VALUE + 1024;

	private final LitestreamEngine engine;

	public LitestreamLifecycle(LitestreamEngine engine) {
		this.engine = engine;
	}

	@Override
	public void start() {
		this.engine.start();
	}

	@Override
	public void stop() {
		this.engine.stop();
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

}
