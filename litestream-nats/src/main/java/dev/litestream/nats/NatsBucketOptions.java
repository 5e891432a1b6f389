package dev.litestream.nats;

import org.jspecify.annotations.Nullable;

/**
 * How a missing bucket is created. An existing bucket is used as it is.
 *
 * @param create whether to create the bucket if it is missing
 * @param replicas number of servers that hold the bucket, 1 to 5
 * @param storage where the servers hold it
 * @param maxBytes largest size in bytes, -1 for no limit
 * @param description text shown by NATS tools, or {@code null}
 */
public record NatsBucketOptions(boolean create, int replicas, Storage storage, long maxBytes,
		@Nullable String description) {

	/** A missing bucket is refused. */
	public static final NatsBucketOptions DEFAULTS = new NatsBucketOptions(false, 1, Storage.FILE, -1, null);

	public NatsBucketOptions {
		if (replicas < 1 || replicas > 5) {
			throw new IllegalArgumentException("replica.bucket.replicas is " + replicas + "; use 1 to 5");
		}
		if (maxBytes == 0 || maxBytes < -1) {
			throw new IllegalArgumentException(
					"replica.bucket.max-bytes is " + maxBytes + "; use a positive size, or -1 for no limit");
		}
	}

	/**
	 * Options that create a missing bucket with these settings.
	 * @return the options with {@code create} set
	 */
	public NatsBucketOptions creating() {
		return new NatsBucketOptions(true, this.replicas, this.storage, this.maxBytes, this.description);
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

}
