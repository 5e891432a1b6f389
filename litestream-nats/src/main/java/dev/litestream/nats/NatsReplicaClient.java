package dev.litestream.nats;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

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

	private volatile @Nullable Opened opened;

	private boolean closed;

	/**
	 * Creates a client without connecting.
	 * @param options where and how
	 */
	public NatsReplicaClient(NatsReplicaOptions options) {
		this.options = options;
		this.bucket = new Bucket(options.bucket());
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
		return "nats://" + String.join(",", this.options.servers());
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
		try {
			connection.connect();
			JetStreamApi api = new JetStreamApi(connection, this.options);
			new BucketCheck(api, this.bucket).run();
			LeaderReads leader = new LeaderReads(api, this.bucket);
			return new Opened(connection, leader, new ObjectPut(api, this.bucket, leader),
					new ObjectGet(api, this.bucket, leader), new ObjectList(api, this.bucket, leader, this.names),
					new ObjectDelete(api, this.bucket, leader));
		}
		catch (JetStreamErrorException ex) {
			connection.release();
			throw ex.translate(this.options);
		}
		catch (IOException | RuntimeException ex) {
			connection.release();
			throw ex;
		}
	}

	@Override
	public LtxListing list(int level) throws IOException {
		checkLevel(level);
		return listAll().get(level);
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		Opened current = opened();
		try {
			return current.list.list();
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
			current.delete.delete(files.stream().map(this::name).toList());
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
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
					this.opened.connection.release();
					this.opened = null;
				}
			}
		}
		return ex.translate(this.options);
	}

	/**
	 * Tells a bucket that is gone from one that has no leader at the moment: a publish
	 * fails in the same way for both.
	 */
	private IOException explained(NoRespondersException failure, Opened current) {
		try {
			current.leader.checkStream();
		}
		catch (JetStreamErrorException ex) {
			return translated(ex);
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
		}
		return failure;
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
			this.opened.connection.release();
			this.opened = null;
		}
	}

	@Override
	public String toString() {
		return location();
	}

	private record Opened(SharedConnection connection, LeaderReads leader, ObjectPut put, ObjectGet get,
			ObjectList list, ObjectDelete delete) {

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
