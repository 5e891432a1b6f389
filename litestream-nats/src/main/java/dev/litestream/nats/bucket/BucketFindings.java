package dev.litestream.nats.bucket;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaFinding.Severity;

/**
 * What is wrong with a bucket, each in a sentence with its cure.
 */
final class BucketFindings {

	/** With these a bucket cannot be used from the start. */
	private static final Set<String> UNUSABLE = Set.of("sealed", "no-object-store", "ttl", "discards-old",
			"denies-purge", "small-messages");

	private static final int WARN_PERCENT = 80;

	private static final int ERROR_PERCENT = 95;

	private static final int FULL_PERCENT = 100;

	/** Metadata is one message, with name, headers and digest. */
	private static final int SMALLEST_MESSAGE = 4 * 1024;

	private final List<ReplicaFinding> findings = new ArrayList<>();

	private final String subject;

	private final String stream;

	private BucketFindings(BucketUse options) {
		this.subject = "Bucket '" + options.bucket() + "' at " + options.location() + " ";
		this.stream = new Bucket(options.bucket()).stream();
	}

	/** Whether a finding rules a bucket out. */
	static boolean isUnusable(ReplicaFinding finding) {
		return UNUSABLE.contains(finding.code()) || StreamSettings.UNUSABLE.contains(finding.code());
	}

	/** What is wrong with a bucket, worst first. */
	static List<ReplicaFinding> of(BucketState bucket, ServerState server, BucketUse options) {
		BucketFindings findings = new BucketFindings(options);
		findings.usable(bucket);
		findings.safe(bucket, server);
		findings.space(bucket);
		findings.messages(bucket, server, options);
		findings.findings.sort(Comparator.comparing(ReplicaFinding::severity).reversed());
		return findings.findings;
	}

	private void usable(BucketState bucket) {
		if (bucket.sealed()) {
			error("sealed", "is sealed and takes no more objects: use another bucket");
		}
		if (!bucket.allowsRollup()) {
			error("no-object-store",
					"is not an object store (it does not allow roll-ups): create one with `nats object add "
							+ this.stream.substring("OBJ_".length()) + "`");
		}
		if (!bucket.maxAge().isZero()) {
			error("ttl", "deletes objects by age, snapshots that are still needed among them: remove its TTL with "
					+ edit("--max-age=0"));
		}
		if (!bucket.discardsNew()) {
			error("discards-old",
					"deletes its oldest messages when it is full: change that with " + edit("--discard=new"));
		}
		if (bucket.deniesPurge()) {
			error("denies-purge", "does not allow objects to be deleted: use a bucket without `deny_purge`");
		}
	}

	private void safe(BucketState bucket, ServerState server) {
		if (bucket.inMemory()) {
			warning("memory", "is held in memory: backups are lost when the NATS server stops; use a bucket with"
					+ " --storage=file");
		}
		if (bucket.ackBeforeWrite()) {
			warning("acknowledged-before-written",
					"acknowledges objects before they are written (`persist_mode: async`):"
							+ " a NATS server that is killed loses the newest; use a bucket without it");
		}
		if (server.clustered() && bucket.replicas() == 1) {
			warning("one-replica", "lies on one server of a cluster: backups are lost with that server's disk, and"
					+ " replication stops while it is away; " + edit("--replicas=3") + " changes that");
		}
		if (!bucket.offline().isEmpty()) {
			warning("replica-offline", "is held by " + bucket.replicas() + " servers, of which "
					+ String.join(", ", bucket.offline()) + " cannot be reached: bring that server back");
		}
		if (!server.version().isSupported()) {
			warning("old-server", "is served by nats-server " + server.version() + ", which is older than "
					+ ServerVersion.OLDEST_SUPPORTED + ", the oldest that is supported: upgrade it");
		}
		if (bucket.compressed() && !server.version().compressesSafely()) {
			warning("compression", "is compressed, and nats-server " + server.version()
					+ " may damage what it compresses: upgrade it to 2.12.12, 2.14.3 or newer, or copy the bucket"
					+ " to one without compression");
		}
	}

	private void space(BucketState bucket) {
		int percent = bucket.percentFull();
		if (percent < WARN_PERCENT) {
			return;
		}
		String cure = ": raise its limit with " + edit("--max-bytes=<size>") + ", or keep fewer backups";
		if (percent >= FULL_PERCENT) {
			error("full", "is full" + cure);
		}
		else if (percent >= ERROR_PERCENT) {
			error("nearly-full", "is " + percent + " % full and will soon refuse objects" + cure);
		}
		else {
			warning("nearly-full", "is " + percent + " % full" + cure);
		}
	}

	private void messages(BucketState bucket, ServerState server, BucketUse options) {
		long largest = largest(bucket, server);
		if (largest < SMALLEST_MESSAGE) {
			error("small-messages", "takes messages of at most " + largest + " bytes, where " + SMALLEST_MESSAGE
					+ " are needed: raise max_payload of the NATS server, or " + edit("--max-msg-size=-1"));
		}
		else if (largest < wanted(options)) {
			warning("small-chunks",
					"takes messages of at most " + largest + " bytes, so chunks are cut to that instead of "
							+ wanted(options) + ": raise max_payload of the NATS server, or "
							+ edit("--max-msg-size=-1"));
		}
	}

	private static int wanted(BucketUse options) {
		return (options.chunkSize() > 0) ? options.chunkSize() : ObjectPut.DEFAULT_CHUNK;
	}

	/** The largest message that gets through, in bytes. */
	static long largest(BucketState bucket, ServerState server) {
		long largest = (server.maxPayload() > 0) ? server.maxPayload() : Long.MAX_VALUE;
		return (bucket.maxMessageSize() > 0) ? Math.min(largest, bucket.maxMessageSize()) : largest;
	}

	private String edit(String option) {
		return "`nats stream edit " + this.stream + " " + option + "`";
	}

	private void error(String code, String what) {
		this.findings.add(new ReplicaFinding(Severity.ERROR, code, this.subject + what));
	}

	private void warning(String code, String what) {
		this.findings.add(new ReplicaFinding(Severity.WARNING, code, this.subject + what));
	}

}
