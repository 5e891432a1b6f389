package dev.litestream.nats;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.bucket.JetStreamErrorException;
import dev.litestream.nats.bucket.NoRespondersException;
import dev.litestream.nats.bucket.ObjectStore;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a NATS JetStream object store, readable and writable by Litestream. Opens
 * itself at the first use if it was not opened before. Thread-safe.
 */
public final class NatsReplicaClient implements ReplicaClient {

	private final NatsReplicaOptions options;

	private final Duration lookInterval;

	private volatile @Nullable ObjectStore opened;

	private boolean closed;

	/**
	 * Creates a client without connecting.
	 * @param options where and how
	 */
	public NatsReplicaClient(NatsReplicaOptions options) {
		this(options, ObjectStore.LOOK_INTERVAL);
	}

	NatsReplicaClient(NatsReplicaOptions options, Duration lookInterval) {
		this.options = options;
		this.lookInterval = lookInterval;
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
	public String place() {
		return this.options.place();
	}

	@Override
	public String store() {
		return this.options.connection().location();
	}

	@Override
	public void open() throws IOException {
		opened();
	}

	private synchronized ObjectStore opened() throws IOException {
		if (this.closed) {
			throw new ReplicaUnavailableException("The replica " + location() + " is closed");
		}
		if (this.opened == null) {
			this.opened = openNow();
		}
		return this.opened;
	}

	private ObjectStore openNow() throws IOException {
		SharedConnection connection = SharedConnection.acquire(this.options.connection());
		ObjectStore made = null;
		try {
			made = ObjectStore.open(connection, this.options, this.lookInterval);
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
		ObjectStore current = this.opened;
		return (current != null) ? current.condition() : ReplicaCondition.UNKNOWN;
	}

	@Override
	public LtxListing list(int level) throws IOException {
		checkLevel(level);
		ObjectStore current = opened();
		try {
			return current.list(level);
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
		ObjectStore current = opened();
		try {
			return current.list();
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
		ObjectStore current = opened();
		try {
			return new Translating(current.read(file));
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
		ObjectStore current = opened();
		try {
			return new Translating(current.read(file, offset, length));
		}
		catch (JetStreamErrorException ex) {
			throw ex.translate(this.options);
		}
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		checkLevel(level);
		ObjectStore current = opened();
		try {
			return current.write(level, minTxid, maxTxid, timestamp, content);
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
		ObjectStore current = opened();
		try {
			current.delete(files);
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
		ObjectStore current = this.opened;
		return (current != null) ? current.usage() : ReplicaUsage.unknown(ReplicaUsage.Connection.NONE);
	}

	@Override
	public boolean isConnected() {
		ObjectStore current = this.opened;
		return current != null && current.isConnected();
	}

	@Override
	public @Nullable String outage() {
		ObjectStore current = this.opened;
		return (current != null) ? current.outage() : null;
	}

	@Override
	public String identity() throws IOException {
		ObjectStore current = opened();
		try {
			return "created " + current.created();
		}
		catch (JetStreamErrorException ex) {
			throw translated(ex);
		}
	}

	@Override
	public long disturbances() {
		ObjectStore current = this.opened;
		return (current != null) ? current.disturbances() : 0;
	}

	@Override
	public void lookWhileIdle() {
		ObjectStore current = this.opened;
		if (current != null) {
			current.lookWhileIdle();
		}
	}

	@Override
	public boolean exists(LtxFileInfo file) throws IOException {
		ObjectStore current = opened();
		try {
			return current.exists(file);
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
					this.opened.close();
					this.opened = null;
				}
			}
		}
		return ex.translate(this.options);
	}

	/**
	 * Says why there was no answer, once a leader is there to ask, or none in time.
	 */
	private IOException explained(NoRespondersException failure, ObjectStore current) {
		try {
			current.awaitLeader();
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

	@Override
	public synchronized void close() {
		this.closed = true;
		if (this.opened != null) {
			this.opened.close();
			this.opened = null;
		}
	}

	@Override
	public String toString() {
		return location();
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
