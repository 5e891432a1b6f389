package dev.litestream.nats.bucket;

import java.util.List;
import java.util.Map;

import dev.litestream.Setting;
import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * How a missing bucket is created. An existing bucket is used as it is.
 *
 * @param create whether to create the bucket if it is missing
 * @param replicas number of servers that hold the bucket, 1 to 5
 * @param storage where the servers hold it
 * @param maxBytes largest size in bytes, -1 for no limit
 * @param description text shown by NATS tools, or {@code null}
 * @param placement which servers may hold it
 * @param metadata names and values kept with it, for people and tools
 * @param compression whether the servers compress it; refused by those that are known to
 * damage compressed streams
 */
public record NatsBucketOptions(boolean create, int replicas, Storage storage, long maxBytes,
		@Nullable String description, Placement placement, Map<String, String> metadata, boolean compression) {

	private static final int MAX_REPLICAS = 5;

	/** A missing bucket is refused. */
	public static final NatsBucketOptions DEFAULTS = new NatsBucketOptions(false, 1, Storage.FILE, -1, null);

	public NatsBucketOptions {
		new Setting("litestream.replica.bucket.replicas").requireBetween(replicas, 1, MAX_REPLICAS);
		if (maxBytes == 0 || maxBytes < -1) {
			throw new Setting("litestream.replica.bucket.max-bytes")
				.invalid("must be greater than 0 (got " + maxBytes + ")", "Write a size such as 10GB, or remove it.");
		}
		for (String name : metadata.keySet()) {
			if (name.isBlank() || name.startsWith("_nats")) {
				throw new Setting("litestream.replica.bucket.metadata")
					.invalid("has the name '" + name + "', which NATS reserves or cannot keep", "Use another name.");
			}
		}
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Options without placement, metadata and compression.
	 * @param create whether to create the bucket if it is missing
	 * @param replicas number of servers that hold the bucket, 1 to 5
	 * @param storage where the servers hold it
	 * @param maxBytes largest size in bytes, -1 for no limit
	 * @param description text shown by NATS tools, or {@code null}
	 */
	public NatsBucketOptions(boolean create, int replicas, Storage storage, long maxBytes,
			@Nullable String description) {
		this(create, replicas, storage, maxBytes, description, Placement.ANYWHERE, Map.of(), false);
	}

	/**
	 * Options that create a missing bucket with these settings.
	 * @return the options with {@code create} set
	 */
	public NatsBucketOptions creating() {
		return new NatsBucketOptions(true, this.replicas, this.storage, this.maxBytes, this.description, this.placement,
				this.metadata, this.compression);
	}

	/**
	 * The stream that holds a new bucket. With -1 consumers that limit is left to the
	 * server. Atomic batches are asked for only where the server knows them.
	 */
	StreamConfiguration stream(Bucket bucket, int maxConsumers, boolean batches) {
		StreamConfiguration.Builder stream = StreamConfiguration.builder()
			.name(bucket.stream())
			.description(this.description)
			.subjects(bucket.allChunks(), bucket.allMeta())
			.maxConsumers(maxConsumers)
			.maxBytes(this.maxBytes)
			.discardPolicy(DiscardPolicy.New)
			.storageType((this.storage == Storage.FILE) ? StorageType.File : StorageType.Memory)
			.replicas(this.replicas)
			.metadata(this.metadata)
			.compressionOption(this.compression ? CompressionOption.S2 : CompressionOption.None)
			.allowDirect(true)
			.allowRollup(true)
			.allowAtomicPublish(batches);
		if (!this.placement.equals(Placement.ANYWHERE)) {
			stream.placement(io.nats.client.api.Placement.builder()
				.cluster(this.placement.cluster())
				.tags(this.placement.tags())
				.build());
		}
		return stream.build();
	}

	/**
	 * Where the servers hold a bucket.
	 */
	public enum Storage {

		/** On disk. */
		FILE,

		/** In memory: lost when the servers stop. */
		MEMORY

	}

	/**
	 * Which servers may hold a bucket.
	 *
	 * @param cluster name of their cluster, or {@code null} for any
	 * @param tags tags that each of them must have
	 */
	public record Placement(@Nullable String cluster, List<String> tags) {

		/** Any servers. */
		public static final Placement ANYWHERE = new Placement(null, List.of());

		public Placement {
			tags = List.copyOf(tags);
		}

	}

}
