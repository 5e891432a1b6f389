package dev.litestream.spring.autoconfigure;

import java.time.Duration;

import dev.litestream.MismatchAction;
import dev.litestream.nats.NatsBucketOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of the replica of one database, {@code replica} below
 * {@code litestream.dbs[]}.
 */
public class ReplicaProperties {

	/**
	 * Kind of storage. Derived from the URL if not set.
	 */
	private @Nullable Type type;

	/**
	 * Where to replicate to, such as nats://localhost:4222/bucket or
	 * file:///var/backups/app.
	 */
	private @Nullable String url;

	/**
	 * Directory of a file replica, or prefix inside the bucket so that several databases
	 * can share it.
	 */
	private @Nullable String path;

	/**
	 * User name for the NATS server.
	 */
	private @Nullable String username;

	/**
	 * Password for the NATS server.
	 */
	private @Nullable String password;

	/**
	 * Longest time to wait for a connection to the NATS server.
	 */
	private Duration timeout = Duration.ofSeconds(10);

	/**
	 * Attempts to reconnect to the NATS server before giving up. Negative for no limit.
	 */
	private int maxReconnects = -1;

	/**
	 * Time to wait between attempts to reconnect to the same NATS server.
	 */
	private Duration reconnectWait = Duration.ofSeconds(2);

	/**
	 * Most LTX files per second sent to the replica. Commits are grouped beyond that.
	 */
	private double maxObjectsPerSecond = 50;

	/**
	 * What to do if the database is not the continuation of what the replica holds.
	 */
	private MismatchAction onMismatch = MismatchAction.FAIL;

	private final Bucket bucket = new Bucket();

	public @Nullable Type getType() {
		return this.type;
	}

	public void setType(@Nullable Type type) {
		this.type = type;
	}

	public @Nullable String getUrl() {
		return this.url;
	}

	public void setUrl(@Nullable String url) {
		this.url = url;
	}

	public @Nullable String getPath() {
		return this.path;
	}

	public void setPath(@Nullable String path) {
		this.path = path;
	}

	public @Nullable String getUsername() {
		return this.username;
	}

	public void setUsername(@Nullable String username) {
		this.username = username;
	}

	public @Nullable String getPassword() {
		return this.password;
	}

	public void setPassword(@Nullable String password) {
		this.password = password;
	}

	public Duration getTimeout() {
		return this.timeout;
	}

	public void setTimeout(Duration timeout) {
		this.timeout = timeout;
	}

	public int getMaxReconnects() {
		return this.maxReconnects;
	}

	public void setMaxReconnects(int maxReconnects) {
		this.maxReconnects = maxReconnects;
	}

	public Duration getReconnectWait() {
		return this.reconnectWait;
	}

	public void setReconnectWait(Duration reconnectWait) {
		this.reconnectWait = reconnectWait;
	}

	public double getMaxObjectsPerSecond() {
		return this.maxObjectsPerSecond;
	}

	public void setMaxObjectsPerSecond(double maxObjectsPerSecond) {
		this.maxObjectsPerSecond = maxObjectsPerSecond;
	}

	public MismatchAction getOnMismatch() {
		return this.onMismatch;
	}

	public void setOnMismatch(MismatchAction onMismatch) {
		this.onMismatch = onMismatch;
	}

	public Bucket getBucket() {
		return this.bucket;
	}

	/**
	 * Bucket of a NATS replica. All but the name only matter if it is created.
	 */
	public static class Bucket {

		/**
		 * Name of the bucket. Taken from the URL if not set.
		 */
		private @Nullable String name;

		/**
		 * Whether to create the bucket if it does not exist.
		 */
		private boolean create = false;

		/**
		 * Number of servers that store a created bucket.
		 */
		private int replicas = 1;

		/**
		 * Where the servers keep a created bucket.
		 */
		private NatsBucketOptions.Storage storage = NatsBucketOptions.Storage.FILE;

		/**
		 * Largest size of a created bucket. Unlimited if not set.
		 */
		private @Nullable DataSize maxBytes;

		/**
		 * Description of a created bucket.
		 */
		private @Nullable String description;

		public @Nullable String getName() {
			return this.name;
		}

		public void setName(@Nullable String name) {
			this.name = name;
		}

		public boolean isCreate() {
			return this.create;
		}

		public void setCreate(boolean create) {
			this.create = create;
		}

		public int getReplicas() {
			return this.replicas;
		}

		public void setReplicas(int replicas) {
			this.replicas = replicas;
		}

		public NatsBucketOptions.Storage getStorage() {
			return this.storage;
		}

		public void setStorage(NatsBucketOptions.Storage storage) {
			this.storage = storage;
		}

		public @Nullable DataSize getMaxBytes() {
			return this.maxBytes;
		}

		public void setMaxBytes(@Nullable DataSize maxBytes) {
			this.maxBytes = maxBytes;
		}

		public @Nullable String getDescription() {
			return this.description;
		}

		public void setDescription(@Nullable String description) {
			this.description = description;
		}

	}

	/**
	 * Kind of storage of a replica.
	 */
	public enum Type {

		/** A bucket of a JetStream object store. */
		NATS,

		/** A directory. */
		FILE

	}

}
