package dev.litestream.compaction;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * A real replica whose calls are counted and can be made to fail. Rules apply to one call
 * or as long as they stand.
 */
public final class FaultyReplica extends FilterReplicaClient {

	public volatile int listings;

	public volatile int writes;

	public final List<LtxFileInfo> reads = new CopyOnWriteArrayList<>();

	public final List<LtxFileInfo> deleted = new CopyOnWriteArrayList<>();

	/** What a listing gives instead. */
	public volatile Listing listing = (complete) -> complete;

	/** What a read gives instead. */
	public volatile Reading reading = (file, in) -> in;

	/** What a write takes instead. */
	public volatile Reading writing = (file, in) -> in;

	public FaultyReplica(ReplicaClient client) {
		super(client);
	}

	/** How many calls there were. */
	public int requests() {
		return this.listings + this.writes + this.reads.size() + this.deleted.size();
	}

	@Override
	public LtxListing list(int level) throws IOException {
		return listAll().get(level);
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		this.listings++;
		return this.listing.of(this.client.listAll());
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		this.reads.add(file);
		return this.reading.of(file, this.client.read(file));
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		this.writes++;
		LtxFileInfo file = new LtxFileInfo(level, minTxid, maxTxid, 0, timestamp);
		return this.client.write(level, minTxid, maxTxid, timestamp, this.writing.of(file, content));
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		this.deleted.addAll(files);
		this.client.delete(files);
	}

	/** Changes a listing. */
	@FunctionalInterface
	public interface Listing {

		List<LtxListing> of(List<LtxListing> complete) throws IOException;

	}

	/** Changes content. */
	@FunctionalInterface
	public interface Reading {

		InputStream of(LtxFileInfo file, InputStream content) throws IOException;

	}

}
