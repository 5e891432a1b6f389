package dev.litestream.nats.bucket;

import java.io.IOException;
import java.util.List;

import dev.litestream.ReplicaFinding;
import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.api.ServerInfo;
import io.nats.client.support.JsonValue;
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
	 * restores, all of them simultaneously.
	 */
	private static final int MAX_CONSUMERS = 100_000;

	private static final int NO_LIMIT = -1;

	private final JetStreamApi api;

	private final BucketUse options;

	private final Bucket bucket;

	private final BucketWatch watch;

	BucketCheck(JetStreamApi api, Bucket bucket, BucketWatch watch) {
		this.api = api;
		this.options = api.options();
		this.bucket = bucket;
		this.watch = watch;
	}

	/** Checks the bucket, and returns its stream as it was then. */
	StreamState run() throws IOException {
		long connects = this.api.connects();
		JsonValue info = info();
		List<ReplicaFinding> findings = this.watch.look(info, connects);
		for (ReplicaFinding finding : findings) {
			if (BucketFindings.isUnusable(finding)) {
				throw new ReplicaRefusedException(finding.message());
			}
		}
		requireOwnMessages(info);
		this.watch.log(findings);
		if (BucketState.parse(info).maxConsumers() < 0) {
			logger.info(
					"Bucket '{}' at {} leaves its number of consumers to the NATS server, which may stop the litestream"
							+ " command (not this application) from restoring more than 1000 files:"
							+ " `nats stream edit {} --max-consumers={}` allows it",
					this.bucket.name(), this.options.location(), this.bucket.stream(), MAX_CONSUMERS);
		}
		return StreamState.of(info);
	}

	/**
	 * Refuses what was filled under other subjects, such as a mirror that was turned into
	 * an ordinary stream: nothing of it would be found, as if there was no backup.
	 */
	private void requireOwnMessages(JsonValue info) throws IOException {
		JsonValue state = Json.member(info, "state");
		if (Json.number(state, "messages") == 0) {
			return;
		}
		String first;
		try {
			first = Json.text(Json.member(this.api.request(this.bucket.api("STREAM.MSG.GET"),
					"{\"seq\":" + Json.number(state, "first_seq") + "}"), "message"), "subject");
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.NO_MESSAGE_FOUND) {
				// removed meanwhile by retention
				return;
			}
			throw ex;
		}
		if (!first.startsWith("$O." + this.bucket.name() + ".")) {
			throw new ReplicaRefusedException("Bucket '" + this.bucket.name() + "' at " + this.options.location()
					+ " holds messages of other subjects ('" + first
					+ "'), as the copy of another stream does: use the bucket that they were written to, or an empty one");
		}
	}

	private JsonValue info() throws IOException {
		try {
			return streamInfo();
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() != JetStreamErrorException.STREAM_NOT_FOUND || !this.options.bucketOptions().create()) {
				throw ex;
			}
			create();
			// tells more than the answer to the creation
			return streamInfo();
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

	private void create() throws IOException {
		ServerVersion server = ServerState.of(this.api.link().connection().getServerInfo()).version();
		if (this.options.bucketOptions().compression() && !server.compressesSafely()) {
			throw new ReplicaRefusedException("litestream.replica.bucket.compression is set, but nats-server " + server
					+ " at " + this.options.location()
					+ " may damage what it compresses: upgrade it to 2.12.12, 2.14.3 or"
					+ " newer, or remove that setting (LTX files are compressed already)");
		}
		try {
			create(MAX_CONSUMERS, Passage.batchesAreSound(server));
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() == JetStreamErrorException.MAXIMUM_CONSUMERS) {
				// more than the account may have
				create(NO_LIMIT, Passage.batchesAreSound(server));
				return;
			}
			throw ex;
		}
	}

	private void create(int maxConsumers, boolean batches) throws IOException {
		try {
			this.api.request(this.bucket.api("STREAM.CREATE"),
					this.options.bucketOptions().stream(this.bucket, maxConsumers, batches).toJson());
			logger.info("Created bucket '{}' at {}", this.bucket.name(), this.options.location());
		}
		catch (JetStreamErrorException ex) {
			if (ex.code() != JetStreamErrorException.STREAM_NAME_IN_USE) {
				throw ex;
			}
			// created by another at the same moment
		}
	}

}
