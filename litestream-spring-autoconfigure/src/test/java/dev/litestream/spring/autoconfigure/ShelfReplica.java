package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;

/**
 * A replica of an application's own.
 *
 * @param client where the files are
 * @param location what it calls that
 */
record ShelfReplica(ReplicaClient client, String location) implements ReplicaClient {

	@Override
	public String type() {
		return "shelf";
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
