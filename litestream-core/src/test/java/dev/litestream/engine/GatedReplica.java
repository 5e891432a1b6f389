package dev.litestream.engine;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import dev.litestream.ReplicaCondition;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A replica that can be cut off, be slow or refuse: while it is shut, every call fails as
 * it does when the network is away.
 */
final class GatedReplica extends FilterReplicaClient {

	private volatile boolean open = true;

	private volatile ReplicaCondition condition = ReplicaCondition.UNKNOWN;

	private volatile @Nullable String refusal;

	private volatile @Nullable String snapshotRefusal;

	private volatile CountDownLatch way = new CountDownLatch(0);

	GatedReplica(ReplicaClient client) {
		super(client);
	}

	void shut() {
		this.open = false;
	}

	void unshut() {
		this.open = true;
	}

	void condition(ReplicaCondition condition) {
		this.condition = condition;
	}

	@Override
	public ReplicaCondition condition() {
		return this.condition;
	}

	/** Refuses files from now on, or takes them again. */
	void refuse(@Nullable String reason) {
		this.refusal = reason;
	}

	/** Refuses snapshots only. */
	void refuseSnapshots(@Nullable String reason) {
		this.snapshotRefusal = reason;
	}

	/** Lets no file through, and keeps who writes one waiting. */
	void stall() {
		this.way = new CountDownLatch(1);
	}

	void goOn() {
		this.way.countDown();
	}

	private ReplicaClient gate() throws IOException {
		if (!this.open) {
			throw new ReplicaUnavailableException("The replica is cut off");
		}
		return this.client;
	}

	@Override
	public void open() throws IOException {
		gate().open();
	}

	@Override
	public LtxListing list(int level) throws IOException {
		return gate().list(level);
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		return gate().listAll();
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		return gate().read(file);
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return gate().read(file, offset, length);
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		try {
			this.way.await();
		}
		catch (InterruptedException ex) {
			throw new ReplicaUnavailableException("Interrupted");
		}
		String refusal = (level == SNAPSHOT_LEVEL && this.snapshotRefusal != null) ? this.snapshotRefusal
				: this.refusal;
		if (refusal != null) {
			throw new ReplicaRefusedException(refusal);
		}
		return gate().write(level, minTxid, maxTxid, timestamp, content);
	}

	@Override
	public boolean exists(LtxFileInfo file) throws IOException {
		return gate().exists(file);
	}

	@Override
	public String identity() throws IOException {
		return gate().identity();
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		gate().delete(files);
	}

}
