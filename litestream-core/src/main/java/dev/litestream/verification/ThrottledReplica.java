package dev.litestream.verification;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * A read-only view of a replica, with a limited rate. The client behind it belongs to
 * someone else and stays open. Thread-safe.
 */
final class ThrottledReplica extends FilterReplicaClient {

	/** The most that is read in one go: no stream has to wait long. */
	private static final int STEP = 64 * 1024;

	private final Throttle throttle;

	ThrottledReplica(ReplicaClient client, Throttle throttle) {
		super(client);
		this.throttle = throttle;
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		return new Throttled(this.client.read(file));
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return new Throttled(this.client.read(file, offset, length));
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content) {
		throw new UnsupportedOperationException("A verification writes nothing to the replica");
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) {
		throw new UnsupportedOperationException("A verification deletes nothing from the replica");
	}

	@Override
	public void close() {
		// the owner closes it
	}

	private final class Throttled extends FilterInputStream {

		Throttled(InputStream in) {
			super(in);
		}

		@Override
		public int read() throws IOException {
			int b = super.read();
			ThrottledReplica.this.throttle.take((b < 0) ? 0 : 1);
			return b;
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			int n = super.read(target, offset, Math.min(length, STEP));
			ThrottledReplica.this.throttle.take(Math.max(n, 0));
			return n;
		}

	}

}
