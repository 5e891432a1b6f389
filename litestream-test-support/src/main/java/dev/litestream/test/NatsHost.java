package dev.litestream.test;

import java.io.IOException;

/**
 * Where a {@link NatsServer} runs: a process of this machine, or a container where there
 * is no such program. Address and store stay the same from start to start.
 */
interface NatsHost extends AutoCloseable {

	/** Starts the server, which need not be ready yet. */
	void start() throws IOException;

	/**
	 * Replaces the part of the configuration that {@link NatsServer.Builder#config} gave,
	 * from the next start on.
	 */
	void configure(String config) throws IOException;

	void stop();

	void kill();

	void pause();

	void resume();

	/**
	 * Gives a running server another configuration, in nats-server's format and without
	 * addresses and store, and has it read it. Not every host can.
	 */
	default void reload(String config) throws IOException {
		throw new UnsupportedOperationException("Only a nats-server that is a process can be told to read its"
				+ " configuration again; name one in NATS_SERVER");
	}

	/**
	 * Has a running server send its clients away and end (SIGUSR2). Not every host can.
	 */
	default void lameDuck() {
		throw new UnsupportedOperationException(
				"Only a nats-server that is a process can be made a lame duck; name one in NATS_SERVER");
	}

	boolean isAlive();

	/** What the server has logged since its first start. */
	String log();

	/** Kills the server and deletes its store. */
	@Override
	void close() throws IOException;

}
