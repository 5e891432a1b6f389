package dev.litestream.replica;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaOperation;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;

/**
 * Counts and times the calls of another client. Thread-safe.
 */
public final class CountingReplicaClient extends FilterReplicaClient {

	private final OperationCounter puts = new OperationCounter("PUT");

	private final OperationCounter gets = new OperationCounter("GET");

	private final OperationCounter lists = new OperationCounter("LIST");

	private final OperationCounter deletes = new OperationCounter("DELETE");

	/**
	 * Counts from zero.
	 * @param client the client to call; closed with this one
	 */
	public CountingReplicaClient(ReplicaClient client) {
		super(client);
	}

	/**
	 * The counts so far.
	 * @return one entry for each kind
	 */
	public List<ReplicaOperation> operations() {
		return List.of(this.puts.operation(), this.gets.operation(), this.lists.operation(), this.deletes.operation());
	}

	@Override
	public LtxListing list(int level) throws IOException {
		return this.lists.count(() -> this.client.list(level), (listing) -> 0);
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		return this.lists.count(this.client::listAll, (listings) -> 0);
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		return read(() -> this.client.read(file));
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return read(() -> this.client.read(file, offset, length));
	}

	private InputStream read(OperationCounter.Call<InputStream> opening) throws IOException {
		long start = System.nanoTime();
		try {
			return new Counted(opening.call(), System.nanoTime() - start);
		}
		catch (IOException | RuntimeException ex) {
			this.gets.ended(false, 0, System.nanoTime() - start);
			throw ex;
		}
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		return this.puts.count(() -> this.client.write(level, minTxid, maxTxid, timestamp, content), LtxFileInfo::size);
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		this.deletes.count(() -> {
			this.client.delete(files);
			return files;
		}, (deleted) -> 0);
	}

	/**
	 * Counts once, when it is closed. Only the time spent in reads counts, not the time
	 * between them.
	 */
	private final class Counted extends FilterInputStream {

		private long nanos;

		private long bytes;

		private boolean failed;

		private boolean closed;

		Counted(InputStream in, long nanos) {
			super(in);
			this.nanos = nanos;
		}

		@Override
		public int read() throws IOException {
			byte[] one = new byte[1];
			return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			long start = System.nanoTime();
			this.failed = true;
			int n = super.read(target, offset, length);
			this.failed = false;
			this.nanos += System.nanoTime() - start;
			this.bytes += Math.max(0, n);
			return n;
		}

		@Override
		public void close() throws IOException {
			if (!this.closed) {
				this.closed = true;
				CountingReplicaClient.this.gets.ended(!this.failed, this.bytes, this.nanos);
			}
			super.close();
		}

	}

}
