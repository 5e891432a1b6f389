package dev.litestream.nats.bucket;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.litestream.Setting;
import dev.litestream.nats.connection.Json;
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
	 * The request that creates a bucket.
	 * @param bucket the bucket
	 * @param maxConsumers most consumers, -1 to leave that to the server
	 * @return the stream's configuration, as JSON
	 */
	String toJson(Bucket bucket, int maxConsumers) {
		StringBuilder json = new StringBuilder(500);
		json.append("{\"name\":").append(Json.quote(bucket.stream()));
		if (this.description != null) {
			json.append(",\"description\":").append(Json.quote(this.description));
		}
		json.append(",\"subjects\":[").append(Json.quote(bucket.allChunks()));
		json.append(',').append(Json.quote(bucket.allMeta()));
		json.append("],\"retention\":\"limits\",\"max_consumers\":").append(maxConsumers);
		json.append(",\"max_msgs\":-1,\"max_bytes\":").append(this.maxBytes);
		json.append(",\"discard\":\"new\",\"max_age\":0,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,\"storage\":");
		json.append(Json.quote(this.storage.wireName())).append(",\"num_replicas\":").append(this.replicas);
		this.placement.appendTo(json);
		if (!this.metadata.isEmpty()) {
			String separator = ",\"metadata\":{";
			for (Map.Entry<String, String> entry : new TreeMap<>(this.metadata).entrySet()) {
				json.append(separator).append(Json.quote(entry.getKey())).append(':');
				json.append(Json.quote(entry.getValue()));
				separator = ",";
			}
			json.append('}');
		}
		if (this.compression) {
			json.append(",\"compression\":\"s2\"");
		}
		json.append(",\"allow_direct\":true,\"allow_rollup_hdrs\":true}");
		return json.toString();
	}

	/**
	 * Where the servers hold a bucket.
	 */
	public enum Storage {

		/** On disk. */
		FILE,

		/** In memory: lost when the servers stop. */
		MEMORY;

		String wireName() {
			return (this == FILE) ? "file" : "memory";
		}

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

		private void appendTo(StringBuilder json) {
			if (this.cluster == null && this.tags.isEmpty()) {
				return;
			}
			json.append(",\"placement\":{");
			if (this.cluster != null) {
				json.append("\"cluster\":").append(Json.quote(this.cluster));
			}
			String separator = ((this.cluster != null) ? "," : "") + "\"tags\":[";
			for (String tag : this.tags) {
				json.append(separator).append(Json.quote(tag));
				separator = ",";
			}
			json.append(this.tags.isEmpty() ? "}" : "]}");
		}

	}

}
