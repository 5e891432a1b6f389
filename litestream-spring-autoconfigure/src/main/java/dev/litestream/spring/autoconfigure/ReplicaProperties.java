package dev.litestream.spring.autoconfigure;

import java.time.Duration;

import dev.litestream.Durability;
import dev.litestream.MismatchAction;
import dev.litestream.ReplicaStartup;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.DeprecatedConfigurationProperty;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * Configuration properties of a replica: {@code litestream.dbs[].replica} for that of one
 * database, {@code litestream.replica} for what counts where a database does not say
 * otherwise.
 */
public class ReplicaProperties extends NatsConnectionProperties {

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
	 * Longest time between two syncs. Litestream's place for the sync-interval of the
	 * database.
	 */
	private @Nullable Duration syncInterval;

	/**
	 * Most LTX files per second sent to the replica. Commits are grouped beyond that.
	 */
	private double maxObjectsPerSecond = 50;

	/**
	 * How the start of the application handles a replica that cannot be reached.
	 */
	private ReplicaStartup startup = ReplicaStartup.CONTINUE;

	/**
	 * Which failures a replicated commit has to survive. The start fails if the replica
	 * offers less.
	 */
	private @Nullable Durability requireDurability;

	/**
	 * How long points in time stay restorable. Name of snapshot.retention in older files
	 * of Litestream.
	 */
	private @Nullable Duration retention;

	/**
	 * How often a snapshot of a database that has changed is written. Name of
	 * snapshot.interval in older files of Litestream.
	 */
	private @Nullable Duration snapshotInterval;

	/**
	 * What to do if the database does not continue the replica's history.
	 */
	private MismatchAction onMismatch = MismatchAction.FAIL;

	@NestedConfigurationProperty
	private BucketProperties bucket = new BucketProperties();

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

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.sync-interval")
	public @Nullable Duration getSyncInterval() {
		return this.syncInterval;
	}

	public void setSyncInterval(@Nullable Duration syncInterval) {
		this.syncInterval = syncInterval;
	}

	public double getMaxObjectsPerSecond() {
		return this.maxObjectsPerSecond;
	}

	public void setMaxObjectsPerSecond(double maxObjectsPerSecond) {
		this.maxObjectsPerSecond = maxObjectsPerSecond;
	}

	public ReplicaStartup getStartup() {
		return this.startup;
	}

	public void setStartup(ReplicaStartup startup) {
		this.startup = startup;
	}

	public @Nullable Durability getRequireDurability() {
		return this.requireDurability;
	}

	public void setRequireDurability(@Nullable Durability requireDurability) {
		this.requireDurability = requireDurability;
	}

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.snapshot.retention")
	public @Nullable Duration getRetention() {
		return this.retention;
	}

	public void setRetention(@Nullable Duration retention) {
		this.retention = retention;
	}

	@DeprecatedConfigurationProperty(reason = "A name in Litestream's own file, which can be imported.",
			replacement = "litestream.snapshot.interval")
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

	public BucketProperties getBucket() {
		return this.bucket;
	}

	public void setBucket(BucketProperties bucket) {
		this.bucket = bucket;
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
