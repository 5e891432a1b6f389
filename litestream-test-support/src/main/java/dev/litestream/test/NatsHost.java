package dev.litestream.test;

import java.io.IOException;

/**
 * Where a {@link NatsServer} runs: a process of this machine, or a container where there
 * is no such program. Address and store stay the same from start to start.
 */
interface NatsHost extends AutoCloseable {

	/**
	 * Starts the server; it need not be ready yet.
	 * @throws IOException if it cannot be started
	 */
	void start() throws IOException;

	/**
	 * Replaces the part of the configuration that {@link NatsServer.Builder#config} gave;
	 * it counts from the next start on.
	 * @param config the new lines
	 * @throws IOException if it cannot be written
	 */
	void configure(String config) throws IOException;

	void stop();

	void kill();

	void pause();

	void resume();

	boolean isAlive();

	/**
	 * What the server has logged since its first start.
	 * @return the log
	 */
	String log();

	/** Kills the server and deletes its store. */
	@Override
	void close() throws IOException;

}
