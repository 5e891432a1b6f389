package dev.litestream.nats;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a NATS JetStream object store, readable and writable by Litestream. Opens
 * itself at the first use if it was not opened before. Safe for use by several threads.
 */
public final class NatsReplicaClient implements ReplicaClient {

	private final NatsReplicaOptions options;

	private final Bucket bucket;

	private final ObjectNames names;

	private final Duration lookInterval;

	private volatile @Nullable Opened opened;

	private boolean closed;

	/**
	 * Creates a client without connecting.
	 * @param options where and how
	 */
	public NatsReplicaClient(NatsReplicaOptions options) {
		this(options, BucketWatch.INTERVAL);
	}

	NatsReplicaClient(NatsReplicaOptions options, Duration lookInterval) {
		this.options = options;
		this.lookInterval = lookInterval;
		this.bucket = new Bucket(options.bucket(), options.jetStreamPrefix());
		this.names = new ObjectNames(options.path());
	}

	@Override
	public String type() {
		return "nats";
	}

	@Override
	public String location() {
		return this.options.location();
	}

	@Override
	public String store() {
		return this.options.scheme().prefix() + String.join(",", this.options.servers());
	}

	@Override
	public void open() throws IOException {
		opened();
	}

	private synchronized Opened opened() throws IOException {
		if (this.closed) {
			throw new ReplicaUnavailableException("The replica " + location() + " is closed");
		}
		if (this.opened == null) {
			this.opened = openNow();
		}
		return this.opened;
	}

	private Opened openNow() throws IOException {
		SharedConnection connection = SharedConnection.acquire(this.options);
		Opened made = null;
		try {
			connection.connect();
			JetStreamApi api = new JetStreamApi(connection, this.options);
			BucketWatch watch = new BucketWatch(api, this.bucket, this.lookInterval);
			new BucketCheck(api, this.bucket, watch).run();
			LeaderReads leader = new LeaderReads(api, this.bucket);
			BucketIndex index = connection.index(this.bucket);
			BucketScan scan = new BucketScan(api, this.bucket, leader);
			made = new Opened(connection, leader, new ObjectPut(api, this.bucket, leader, index, watch::largestMessage),
					new ObjectGet(api, this.bucket, leader), new ObjectList(index, scan, this.names),
					new ObjectDelete(api, this.bucket, leader, index), index, scan,
					new UsageProbe(connection, index, scan, this.names), new LeaderWait(api, leader), watch);
			return made;
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
		finally {
			if (made == null) {
				connection.release();
			}
		}
	}

	@Override
	public ReplicaCondition condition() {
		Opened current = this.opened;
		return (current != null) ? current.watch.condition().and(current.list.findings()) : ReplicaCondition.UNKNOWN;
	}

	@Override
	public LtxListing list(int level) throws IOException {
		checkLevel(level);
		Opened current = opened();
		try {
			current.watch.traffic();
			return current.list.list(level);
		}
		catch (NoRespondersException ex) {
			throw explained(ex, current);
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		Opened current = opened();
		try {
			current.watch.traffic();
			return current.list.list();
		}
		catch (NoRespondersException ex) {
			throw explained(ex, current);
		}
		catch (JetStreamErrorException ex) {
			throw translated(ex);
		}
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		Opened current = opened();
		try {
			return new Translating(current.get.open(name(file)));
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		if (offset < 0 || length < 0 || length > file.size() - offset) {
			throw new IllegalArgumentException("Bytes " + offset + " to " + (offset + length) + " do not lie within "
					+ file.fileName() + ", which has " + file.size());
		}
		Opened current = opened();
		try {
			return new Translating(current.get.open(name(file), offset, length));
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		checkLevel(level);
		Opened current = opened();
		try {
			ObjectMeta meta = current.put.put(this.names.of(level, minTxid, maxTxid), timestamp, content);
			current.watch.traffic();
			return new LtxFileInfo(level, minTxid, maxTxid, meta.size(), timestamp);
		}
		catch (NoRespondersException ex) {
			throw explained(ex, current);
		}
		catch (JetStreamErrorException ex) {
			throw translated(ex);
		}
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		Opened current = opened();
		try {
			List<String> objects = new ArrayList<>(files.stream().map(this::name).toList());
			objects.addAll(current.list.superseded(files));
			current.delete.delete(objects);
			// who may delete objects may also clear what others left half-way
			current.index.orphans().collect(current.scan, current.index, OrphanedChunks.AGE);
		}
		catch (NoRespondersException ex) {
			throw explained(ex, current);
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
	}

	@Override
	public ReplicaUsage usage() {
		Opened current = this.opened;
		return (current != null) ? current.usage.usage() : ReplicaUsage.unknown(ReplicaUsage.Connection.NONE);
	}

	@Override
	public boolean isConnected() {
		Opened current = this.opened;
		return current != null && current.usage.isConnected();
	}

	@Override
	public String identity() throws IOException {
		Opened current = opened();
		try {
			return "created " + current.leader.created();
		}
		catch (JetStreamErrorException ex) {
			throw translated(ex);
		}
	}

	@Override
	public long disturbances() {
		Opened current = this.opened;
		return (current != null) ? current.connection.connects() + current.put.backwards() : 0;
	}

	@Override
	public boolean exists(LtxFileInfo file) throws IOException {
		Opened current = opened();
		try {
			LeaderReads.Stored stored = current.leader.meta(name(file));
			return stored != null && !stored.meta().deleted();
		}
		catch (JetStreamErrorException ex) {
			throw translated(ex);
		}
	}

	/**
	 * A bucket that is gone is looked for, and created if that is allowed, when this is
	 * opened the next time.
	 */
	private IOException translated(JetStreamErrorException ex) {
		if (ex.code() == JetStreamErrorException.STREAM_NOT_FOUND) {
			synchronized (this) {
				if (this.opened != null) {
					this.opened.release(this.bucket);
					this.opened = null;
				}
			}
		}
		return ex.translate(this.options);
	}

	/**
	 * Says why there was no answer, once a leader is there to ask, or none in time.
	 */
	private IOException explained(NoRespondersException failure, Opened current) {
		try {
			current.leaderWait.await();
			return failure;
		}
		catch (JetStreamErrorException ex) {
			return translated(ex);
		}
		catch (InterruptedIOException ex) {
			return ex;
		}
	}

	private static void checkLevel(int level) {
		if (level < 0 || level >= LEVELS) {
			throw new IllegalArgumentException("Level " + level + " does not exist: levels are 0 to 9");
		}
	}

	private String name(LtxFileInfo file) {
		return this.names.of(file.level(), file.minTxid(), file.maxTxid());
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		if (this.opened != null) {
			this.opened.release(this.bucket);
			this.opened = null;
		}
	}

	@Override
	public String toString() {
		return location();
	}

	private record Opened(SharedConnection connection, LeaderReads leader, ObjectPut put, ObjectGet get,
			ObjectList list, ObjectDelete delete, BucketIndex index, BucketScan scan, UsageProbe usage,
			LeaderWait leaderWait, BucketWatch watch) {

		void release(Bucket bucket) {
			this.connection.giveBackIndex(bucket);
			this.connection.release();
		}

	}

	/**
	 * Reads of a stream fail with the same exceptions as the calls of the client.
	 */
	private final class Translating extends FilterInputStream {

		Translating(InputStream in) {
			super(in);
		}

		@Override
		public int read() throws IOException {
			try {
				return super.read();
			}
			catch (JetStreamErrorException ex) {
				throw ex.translate(NatsReplicaClient.this.options);
			}
		}

		@Override
		public long skip(long count) throws IOException {
			try {
				return super.skip(count);
			}
			catch (JetStreamErrorException ex) {
				throw ex.translate(NatsReplicaClient.this.options);
			}
		}

		@Override
		public int read(byte[] target, int offset, int length) throws IOException {
			try {
				return super.read(target, offset, length);
			}
			catch (JetStreamErrorException ex) {
				throw ex.translate(NatsReplicaClient.this.options);
			}
		}

	}

}
