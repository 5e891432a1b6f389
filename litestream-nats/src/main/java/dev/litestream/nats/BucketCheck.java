package dev.litestream.nats;

import java.io.IOException;

import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.api.ServerInfo;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds or creates the bucket and refuses one that would lose or reject LTX files.
 */
final class BucketCheck {

	private static final Logger logger = LoggerFactory.getLogger(BucketCheck.class);

	/**
	 * nats-server stops at 1000 consumers of a stream that does not say otherwise
	 * ({@code default_max_consumers}), and Litestream opens one for each file that it
	 * restores, all at once.
	 */
	private static final int MAX_CONSUMERS = 100_000;

	private static final int NO_LIMIT = -1;

	private final JetStreamApi api;

	private final NatsReplicaOptions options;

	private final Bucket bucket;

	BucketCheck(JetStreamApi api, Bucket bucket) {
		this.api = api;
		this.options = api.options();
		this.bucket = bucket;
	}

	/**
	 * Checks the bucket.
	 * @throws IOException if it is missing, cannot be used, or cannot be reached
	 */
	void run() throws IOException {
		check(Json.member(info(), "config"));
	}

	private JsonValue info() throws IOException {
		try {
			return streamInfo();
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() != JetStreamErrorException.STREAM_NOT_FOUND || !this.options.bucketOptions().create()) {
				throw ex;
			}
			return create();
		}
	}

	private JsonValue streamInfo() throws IOException {
		try {
			return this.api.request(this.bucket.api("STREAM.INFO"), "{}");
		}
		catch (NoRespondersException ex) {
			ServerInfo server = this.api.link().connection().getServerInfo();
			if (!server.isJetStreamAvailable()) {
				throw JetStreamErrorException.noJetStream(this.options, ex);
			}
			throw new ReplicaUnavailableException(
					"JetStream at " + this.options.location() + " does not answer at the moment", ex);
		}
	}

	private JsonValue create() throws IOException {
		try {
			return create(MAX_CONSUMERS);
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.MAXIMUM_CONSUMERS) {
				// more than the account may have
				return create(NO_LIMIT);
			}
			throw ex;
		}
	}

	private JsonValue create(int maxConsumers) throws IOException {
		try {
			JsonValue info = this.api.request(this.bucket.api("STREAM.CREATE"), config(maxConsumers));
			logger.info("Created bucket '{}' at {}", this.bucket.name(), this.options.location());
			return info;
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.STREAM_NAME_IN_USE) {
				// created by another at the same moment
				return streamInfo();
			}
			throw ex;
		}
	}

	private String config(int maxConsumers) {
		NatsBucketOptions wanted = this.options.bucketOptions();
		StringBuilder json = new StringBuilder(500);
		json.append("{\"name\":").append(Json.quote(this.bucket.stream()));
		if (wanted.description() != null) {
			json.append(",\"description\":").append(Json.quote(wanted.description()));
		}
		json.append(",\"subjects\":[").append(Json.quote(this.bucket.allChunks()));
		json.append(',').append(Json.quote(this.bucket.allMeta()));
		json.append("],\"retention\":\"limits\",\"max_consumers\":").append(maxConsumers);
		json.append(",\"max_msgs\":-1,\"max_bytes\":").append(wanted.maxBytes());
		json.append(",\"discard\":\"new\",\"max_age\":0,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,\"storage\":");
		json.append(Json.quote(wanted.storage().wireName())).append(",\"num_replicas\":").append(wanted.replicas());
		json.append(",\"allow_direct\":true,\"allow_rollup_hdrs\":true}");
		return json.toString();
	}

	private void check(@Nullable JsonValue config) throws ReplicaRefusedException {
		if (Json.flag(config, "sealed")) {
			throw refused("is sealed and takes no more objects", "use another bucket");
		}
		if (!Json.flag(config, "allow_rollup_hdrs")) {
			throw refused("is not an object store (it does not allow roll-ups)",
					"create one with `nats object add " + this.bucket.name() + "`");
		}
		if (Json.number(config, "max_age") > 0) {
			throw refused("deletes objects by age, snapshots that are still needed among them",
					"remove its TTL with `nats stream edit " + this.bucket.stream() + " --max-age=0`");
		}
		if (!"new".equals(Json.text(config, "discard"))) {
			throw refused("deletes its oldest messages when it is full",
					"change that with `nats stream edit " + this.bucket.stream() + " --discard=new`");
		}
		if (Json.flag(config, "deny_purge")) {
			throw refused("does not allow objects to be deleted", "use a bucket without `deny_purge`");
		}
		if (Json.number(config, "max_consumers") <= 0) {
			logger.info(
					"Bucket '{}' at {} leaves its number of consumers to the NATS server, which may stop the litestream"
							+ " command (not this application) from restoring more than 1000 files:"
							+ " `nats stream edit {} --max-consumers={}` allows it",
					this.bucket.name(), this.options.location(), this.bucket.stream(), MAX_CONSUMERS);
		}
		if ("memory".equals(Json.text(config, "storage"))) {
			logger.warn("Bucket '{}' at {} is held in memory: backups are lost when the NATS server stops",
					this.bucket.name(), this.options.location());
		}
	}

	private ReplicaRefusedException refused(String fault, String cure) {
		return new ReplicaRefusedException(
				"Bucket '" + this.bucket.name() + "' at " + this.options.location() + " " + fault + ": " + cure);
	}

}
