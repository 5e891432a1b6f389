package dev.litestream.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.Durability;
import dev.litestream.ReplicaStartup;
import dev.litestream.MismatchAction;
import dev.litestream.nats.NatsBucketOptions;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of the replica of one database, {@code replica} below
 * {@code litestream.dbs[]}.
 */
public class ReplicaProperties extends NatsAccessProperties {

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
	 * Longest time to wait for the answer to one request to the NATS server.
	 */
	private Duration requestTimeout = Duration.ofSeconds(5);

	/**
	 * Longest random time added to each pause between attempts to reconnect.
	 */
	private Duration reconnectJitter = Duration.ofMillis(100);

	/**
	 * Time between pings of the NATS server.
	 */
	private Duration pingInterval = Duration.ofSeconds(20);

	/**
	 * Pings without an answer after which the connection to the NATS server counts as
	 * lost.
	 */
	private int maxPingsOut = 2;

	/**
	 * What the start of the application does about a replica that cannot be reached.
	 */
	private ReplicaStartup startup = ReplicaStartup.CONTINUE;

	/**
	 * Whether the NATS servers force each write to their disks (sync_interval: always),
	 * which a client cannot see.
	 */
	private boolean syncAlways = false;

	/**
	 * Which failures a replicated commit has to survive. The start fails if the replica
	 * offers less.
	 */
	private @Nullable Durability requireDurability;

	/**
	 * How long points in time of this database stay restorable. Defaults to the value for
	 * all databases.
	 */
	private @Nullable Duration retention;

	/**
	 * How often a snapshot of this database is written if it has changed. Defaults to the
	 * value for all databases.
	 */
	private @Nullable Duration snapshotInterval;

	/**
	 * What to do if the database is not the continuation of what the replica holds.
	 */
	private MismatchAction onMismatch = MismatchAction.FAIL;

	private Bucket bucket = new Bucket();

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

	public Duration getRequestTimeout() {
		return this.requestTimeout;
	}

	public void setRequestTimeout(Duration requestTimeout) {
		this.requestTimeout = requestTimeout;
	}

	public Duration getReconnectJitter() {
		return this.reconnectJitter;
	}

	public void setReconnectJitter(Duration reconnectJitter) {
		this.reconnectJitter = reconnectJitter;
	}

	public Duration getPingInterval() {
		return this.pingInterval;
	}

	public void setPingInterval(Duration pingInterval) {
		this.pingInterval = pingInterval;
	}

	public int getMaxPingsOut() {
		return this.maxPingsOut;
	}

	public void setMaxPingsOut(int maxPingsOut) {
		this.maxPingsOut = maxPingsOut;
	}

	public ReplicaStartup getStartup() {
		return this.startup;
	}

	public void setStartup(ReplicaStartup startup) {
		this.startup = startup;
	}

	public boolean isSyncAlways() {
		return this.syncAlways;
	}

	public void setSyncAlways(boolean syncAlways) {
		this.syncAlways = syncAlways;
	}

	public @Nullable Durability getRequireDurability() {
		return this.requireDurability;
	}

	public void setRequireDurability(@Nullable Durability requireDurability) {
		this.requireDurability = requireDurability;
	}

	public @Nullable Duration getRetention() {
		return this.retention;
	}

	public void setRetention(@Nullable Duration retention) {
		this.retention = retention;
	}

	public @Nullable Duration getSnapshotInterval() {
		return this.snapshotInterval;
	}

	public void setSnapshotInterval(@Nullable Duration snapshotInterval) {
		this.snapshotInterval = snapshotInterval;
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

	public void setBucket(Bucket bucket) {
		this.bucket = bucket;
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

		/**
		 * Names and values kept with a created bucket.
		 */
		private Map<String, String> metadata = new LinkedHashMap<>();

		/**
		 * Whether the servers compress a created bucket. LTX files are compressed
		 * already.
		 */
		private boolean compression = false;

		private final Placement placement = new Placement();

		public Bucket() {
		}

		/**
		 * Creates a bucket from its name alone, so that {@code bucket: app} can be
		 * written.
		 * @param name the bucket's name
		 */
		public Bucket(String name) {
			this.name = name;
		}

		public Map<String, String> getMetadata() {
			return this.metadata;
		}

		public void setMetadata(Map<String, String> metadata) {
			this.metadata = metadata;
		}

		public boolean isCompression() {
			return this.compression;
		}

		public void setCompression(boolean compression) {
			this.compression = compression;
		}

		public Placement getPlacement() {
			return this.placement;
		}

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
	 * Which servers may hold a created bucket.
	 */
	public static class Placement {

		/**
		 * Name of their cluster. Any if not set.
		 */
		private @Nullable String cluster;

		/**
		 * Tags that each of them must have.
		 */
		private List<String> tags = new ArrayList<>();

		public @Nullable String getCluster() {
			return this.cluster;
		}

		public void setCluster(@Nullable String cluster) {
			this.cluster = cluster;
		}

		public List<String> getTags() {
			return this.tags;
		}

		public void setTags(List<String> tags) {
			this.tags = tags;
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
