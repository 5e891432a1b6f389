package dev.litestream.replica;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;

/**
 * A replica that is another one, but for what a test overrides.
 */
public abstract class DelegatingReplica implements ReplicaClient {

	protected final ReplicaClient client;

	protected DelegatingReplica(ReplicaClient client) {
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
