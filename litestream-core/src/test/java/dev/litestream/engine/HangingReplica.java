package dev.litestream.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;

/**
 * A replica on a server that is paused: writes hang until it goes on.
 */
final class HangingReplica implements ReplicaClient {

	private final ReplicaClient client;

	private final AtomicReference<CountDownLatch> pause;

	/**
	 * Creates a replica.
	 * @param client what it is when the server goes on
	 * @param pause what writes wait for
	 */
	HangingReplica(ReplicaClient client, AtomicReference<CountDownLatch> pause) {
		this.client = client;
		this.pause = pause;
	}

	@Override
	public String type() {
		return this.client.type();
	}

	@Override
	public String location() {
		return this.client.location();
	}

	@Override
	public String store() {
		return "paused";
	}

	@Override
	public void open() throws IOException {
		this.client.open();
	}

	@Override
	public LtxListing list(int level) throws IOException {
		return this.client.list(level);
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		return this.client.listAll();
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		return this.client.read(file);
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return this.client.read(file, offset, length);
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

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		this.client.delete(files);
	}

	@Override
	public void close() {
		this.client.close();
	}

}
