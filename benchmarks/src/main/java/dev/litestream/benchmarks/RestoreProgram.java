package dev.litestream.benchmarks;

import java.nio.file.Path;

import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;

/**
 * Restores a bucket in a JVM of its own, as {@code litestream restore} does in a process
 * of its own.
 */
public final class RestoreProgram {

	private RestoreProgram() {
	}

	/**
	 * Restores the latest state.
	 * @param args the replica, and the file to write
	 * @throws Exception if it fails
	 */
	public static void main(String[] args) throws Exception {
		try (ReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(args[0]).toOptions().build())) {
			client.open();
			new Restorer().restore(client, RestoreOptions.latest(Path.of(args[1])), null);
		}
	}

}
