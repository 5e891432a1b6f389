package dev.litestream.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * A replica on a server that is paused: writes hang until it goes on.
 */
final class HangingReplica extends FilterReplicaClient {

	private final AtomicReference<CountDownLatch> pause;

	/**
	 * Creates a replica.
	 * @param client what it is when the server goes on
	 * @param pause what writes wait for
	 */
	HangingReplica(ReplicaClient client, AtomicReference<CountDownLatch> pause) {
		super(client);
		this.pause = pause;
	}

	@Override
	public String store() {
		return "paused";
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		try {
			this.pause.get().await();
		}
		catch (InterruptedException ex) {
			throw new InterruptedIOException();
		}
		return this.client.write(level, minTxid, maxTxid, timestamp, content);
	}

}
