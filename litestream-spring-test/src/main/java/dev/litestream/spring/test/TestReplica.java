package dev.litestream.spring.test;

/**
 * Where a test's database is replicated to.
 *
 * @see AutoConfigureReplicatedDatabase#replica()
 */
public enum TestReplica {

	/**
	 * A temporary directory. Needs nothing and is ready immediately.
	 */
	FILE,

	/**
	 * A bucket of a separate nats-server on a free port of 127.0.0.1, ended with the
	 * context. The program is taken from the environment variable {@code NATS_SERVER} or
	 * from {@code PATH}; where there is none, but Docker is, a container is used.
	 */
	NATS

}
