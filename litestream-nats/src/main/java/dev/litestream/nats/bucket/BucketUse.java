package dev.litestream.nats.bucket;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How a replica uses its bucket: what this package asks of a replica's options. Not for
 * applications.
 */
public interface BucketUse {

	/**
	 * The bucket's name.
	 * @return the name
	 */
	String bucket();

	/**
	 * The prefix of all object names.
	 * @return the prefix, or {@code null} for none
	 */
	@Nullable String path();

	/**
	 * Where the objects go, for people.
	 * @return the location, without user information
	 */
	String location();

	/**
	 * What the subjects of JetStream requests begin with.
	 * @return the prefix, without a dot at its end
	 */
	String jetStreamPrefix();

	/**
	 * The longest time without an answer to a request.
	 * @return a positive time
	 */
	Duration requestTimeout();

	/**
	 * The size of a chunk.
	 * @return bytes, or 0 to choose by the size of the file
	 */
	int chunkSize();

	/**
	 * The most bytes sent and not yet acknowledged.
	 * @return bytes
	 */
	int maxInFlight();

	/**
	 * How a missing bucket is created.
	 * @return the options
	 */
	NatsBucketOptions bucketOptions();

	/**
	 * Whether the operator says that the servers force each write to their disks.
	 * @return whether they do
	 */
	boolean syncAlways();

}
