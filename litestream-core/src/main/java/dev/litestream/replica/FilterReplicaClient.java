package dev.litestream.replica;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import org.jspecify.annotations.Nullable;

/**
 * A client that passes every call on to another one. Subclasses override only what they
 * change: none can forget a method that {@link ReplicaClient} gains later. A test checks
 * this class against the interface. As thread-safe as the client behind it.
 */
public abstract class FilterReplicaClient implements ReplicaClient {

	/** The client to call. */
	protected final ReplicaClient client;

	/**
	 * Passes calls on.
	 * @param client the client to call; closed with this one
	 */
	protected FilterReplicaClient(ReplicaClient client) {
		this.client = client;
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
	public String place() {
		return this.client.place();
	}

	@Override
	public String store() {
		return this.client.store();
	}

	@Override
	public void open() throws IOException {
		this.client.open();
	}

	@Override
	public ReplicaCondition condition() {
		return this.client.condition();
	}

	@Override
	public @Nullable ReplicaUsage usage() {
		return this.client.usage();
	}

	@Override
	public boolean isConnected() {
		return this.client.isConnected();
	}

	@Override
	public @Nullable String outage() {
		return this.client.outage();
	}

	@Override
	public String identity() throws IOException {
		return this.client.identity();
	}

	@Override
	public long disturbances() {
		return this.client.disturbances();
	}

	@Override
	public void lookWhileIdle() {
		this.client.lookWhileIdle();
	}

	@Override
	public boolean exists(LtxFileInfo file) throws IOException {
		return this.client.exists(file);
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

	@Override
	public String toString() {
		return this.client.toString();
	}

}
