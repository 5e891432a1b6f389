package dev.litestream.nats.bucket;

import java.io.IOException;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;

/**
 * JetStream answered a request with an error. Told apart by its code, never by its text.
 */
public final class JetStreamErrorException extends IOException {

	private static final long serialVersionUID = 1L;

	private static final int ACCOUNT_RESOURCES_EXCEEDED = 10002;

	private static final int NO_SUITABLE_PEERS = 10005;

	private static final int INSUFFICIENT_RESOURCES = 10023;

	private static final int MAXIMUM_STREAMS = 10027;

	private static final int REPLICAS_NOT_SUPPORTED = 10074;

	private static final int MAX_BYTES_REQUIRED = 10113;

	private static final int MAX_STREAM_BYTES_EXCEEDED = 10122;

	static final int MAXIMUM_CONSUMERS = 10026;

	static final int NO_MESSAGE_FOUND = 10037;

	static final int NOT_ENABLED_FOR_ACCOUNT = 10039;

	static final int INSUFFICIENT_STORAGE = 10047;

	static final int STREAM_NAME_IN_USE = 10058;

	/** There is no such stream. */
	public static final int STREAM_NOT_FOUND = 10059;

	static final int WRONG_LAST_SEQUENCE = 10071;

	static final int NOT_ENABLED = 10076;

	static final int MAXIMUM_BYTES = 10077;

	static final int INACTIVE_THRESHOLD_EXCEEDED = 10153;

	static final int SEQUENCE_NOT_YET_KNOWN = 10164;

	private static final int SERVICE_UNAVAILABLE = 503;

	private static final int TOO_MANY_REQUESTS = 429;

	private final int status;

	private final int code;

	private final String description;

	JetStreamErrorException(int status, int code, String description) {
		super("JetStream error " + code + " (" + description + ")");
		this.status = status;
		this.code = code;
		this.description = description;
	}

	public int code() {
		return this.code;
	}

	/** Whether the same request may succeed soon: no leader, or too many requests. */
	boolean isTransient() {
		return (this.status == SERVICE_UNAVAILABLE && this.code != NOT_ENABLED && this.code != NOT_ENABLED_FOR_ACCOUNT)
				|| this.status == TOO_MANY_REQUESTS;
	}

	/**
	 * Says what this means for a replica.
	 * @param options the replica
	 * @return the exception for the caller
	 */
	public IOException translate(BucketUse options) {
		String bucket = "Bucket '" + options.bucket() + "' at " + options.location();
		return switch (this.code) {
			case STREAM_NOT_FOUND -> missingBucket(options, this);
			case NOT_ENABLED, NOT_ENABLED_FOR_ACCOUNT -> noJetStream(options, this);
			case MAXIMUM_BYTES -> new ReplicaRefusedException(bucket + " is full (" + this.description
					+ "): raise its limit with `nats stream edit OBJ_" + options.bucket()
					+ " --max-bytes=<size>`, or --max-msgs=-1 if that is set, or keep fewer backups", this);
			case INSUFFICIENT_STORAGE -> new ReplicaRefusedException(bucket
					+ " cannot grow: the NATS server, or the account, has no storage left"
					+ " for it. Raise max_file_store of its jetstream block or the account's limit, give its disk"
					+ " space, keep fewer backups, or lower litestream.replica.bucket.max-bytes if it is to be created",
					this);
			case ACCOUNT_RESOURCES_EXCEEDED ->
				new ReplicaRefusedException(bucket + " does not fit into what the account may use (JetStream error "
						+ this.code + "): raise the account's JetStream limits (max_file or max_mem, or with"
						+ " `nsc edit account`), keep fewer backups, or lower litestream.replica.bucket.max-bytes,"
						+ " which is reserved when a bucket is created", this);
			case INSUFFICIENT_RESOURCES ->
				new ReplicaRefusedException(
						bucket + " does not fit into what the NATS server has left (JetStream error " + this.code
								+ "): raise max_file_store of its jetstream block, or lower"
								+ " litestream.replica.bucket.max-bytes, which is reserved when a bucket is created",
						this);
			case MAX_BYTES_REQUIRED ->
				new ReplicaRefusedException(bucket + " cannot be created without a limit: the account asks for one."
						+ " Set litestream.replica.bucket.max-bytes, for example to 10GB", this);
			case MAX_STREAM_BYTES_EXCEEDED -> new ReplicaRefusedException(
					bucket + " cannot be created so large: lower litestream.replica.bucket.max-bytes to"
							+ " what the account allows for one stream, or raise that limit",
					this);
			case MAXIMUM_STREAMS -> new ReplicaRefusedException(
					bucket + " cannot be created: the account may have no more streams. Raise"
							+ " its max_streams, or give the databases one bucket and a litestream.replica.path each",
					this);
			case NO_SUITABLE_PEERS -> new ReplicaRefusedException(
					bucket + " cannot be created: no servers fit litestream.replica.bucket.replicas,"
							+ " litestream.replica.bucket.placement and litestream.replica.bucket.max-bytes ("
							+ this.description + ")",
					this);
			case REPLICAS_NOT_SUPPORTED ->
				new ReplicaRefusedException(bucket + " cannot be created with several replicas by a server that is not"
						+ " in a cluster: set litestream.replica.bucket.replicas=1", this);
			default -> {
				String sentence = bucket + " failed a request: " + this.description + " (JetStream error " + this.code
						+ ")";
				yield isTransient() ? new ReplicaUnavailableException(sentence, this)
						: new ReplicaRefusedException(sentence, this);
			}
		};
	}

	static ReplicaRefusedException missingBucket(BucketUse options, Throwable cause) {
		return new ReplicaRefusedException("Bucket '" + options.bucket() + "' does not exist at " + options.location()
				+ ": create it with `nats object add " + options.bucket()
				+ " --storage=file --replicas=1`, or set litestream.replica.bucket.create=true", cause);
	}

	static ReplicaRefusedException noJetStream(BucketUse options, Throwable cause) {
		return new ReplicaRefusedException("JetStream is not enabled at " + options.location()
				+ ": start nats-server with `-js`, or enable JetStream for the account", cause);
	}

}
