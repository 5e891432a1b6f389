package dev.litestream.spring.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.nats.bucket.NatsBucketOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Bucket of a NATS replica. All but the name only matter if it is created.
 */
public class BucketProperties {

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
	 * Whether the servers compress a created bucket. LTX files are compressed already.
	 */
	private boolean compression = false;

	private final Placement placement = new Placement();

	public BucketProperties() {
	}

	/**
	 * Creates a bucket from its name alone, so that {@code bucket: app} can be written.
	 * @param name the bucket's name
	 */
	public BucketProperties(String name) {
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

}
