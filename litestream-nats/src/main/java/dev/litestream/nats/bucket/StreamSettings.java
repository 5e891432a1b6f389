package dev.litestream.nats.bucket;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaFinding.Severity;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.SourceBase;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.support.JsonValue;

/**
 * Settings of a stream that make it something else than an object store of its bucket: it
 * would hold other messages than ours, or acknowledge ours and lose them.
 */
final class StreamSettings {

	/** With these a stream cannot be used. */
	static final Set<String> UNUSABLE = Set.of("mirror", "sources", "foreign-subjects", "subject-transform",
			"messages-per-subject", "retention", "no-ack", "delete-markers");

	private final List<ReplicaFinding> findings = new ArrayList<>();

	private final StreamConfiguration settings;

	private final Bucket bucket;

	private final String subject;

	private StreamSettings(StreamConfiguration settings, BucketUse options) {
		this.settings = settings;
		this.bucket = new Bucket(options.bucket());
		this.subject = "Bucket '" + options.bucket() + "' at " + options.location() + " ";
	}

	/** What is wrong with a stream. */
	static List<ReplicaFinding> findings(StreamConfiguration settings, BucketUse options) {
		StreamSettings stream = new StreamSettings(settings, options);
		stream.content();
		stream.keeping();
		return stream.findings;
	}

	/**
	 * The settings in an answer to {@code STREAM.INFO}. Of one it cannot read, the
	 * library throws whatever its parsers throw. Of one it cannot read, the library
	 * throws whatever its parsers throw.
	 */
	static StreamConfiguration of(JsonValue info) throws IOException {
		try {
			return new StreamInfo(info).getConfig();
		}
		catch (RuntimeException ex) {
			throw new IOException("The NATS server described a stream in a way that cannot be read", ex);
		}
	}

	private void content() {
		if (this.settings.getMirror() != null) {
			unusable("mirror",
					"is a mirror of stream '" + this.settings.getMirror().getName()
							+ "' and takes no objects: use the bucket that '" + this.settings.getMirror().getName()
							+ "' holds");
			return;
		}
		List<? extends SourceBase> sources = this.settings.getSources();
		if (sources != null && !sources.isEmpty()) {
			unusable("sources", "takes in messages of stream "
					+ sources.stream().map((source) -> "'" + source.getName() + "'").collect(Collectors.joining(", "))
					+ " too: use a bucket of its own");
		}
		List<String> subjects = this.settings.getSubjects();
		String all = "$O." + this.bucket.name() + ".>";
		String cure = ": change that with "
				+ edit("--subjects='" + this.bucket.allChunks() + "' --subjects='" + this.bucket.allMeta() + "'")
				+ ", or use another bucket";
		for (String needed : List.of(this.bucket.allChunks(), this.bucket.allMeta())) {
			if (!subjects.contains(needed) && !subjects.contains(all)) {
				unusable("foreign-subjects", "does not take '" + needed + "', where objects are" + cure);
				return;
			}
		}
		for (String other : subjects) {
			if (!other.startsWith("$O." + this.bucket.name() + ".")) {
				unusable("foreign-subjects", "takes messages of '" + other + "' too" + cure);
				return;
			}
		}
		if (this.settings.getSubjectTransform() != null) {
			unusable("subject-transform",
					"stores messages under other subjects: use a bucket without `subject_transform`");
		}
	}

	private void keeping() {
		if (this.settings.getMaxMsgsPerSubject() > 0) {
			unusable("messages-per-subject", "keeps " + this.settings.getMaxMsgsPerSubject()
					+ " messages of a subject only, and the content of an object is more: remove that limit with "
					+ edit("--max-msgs-per-subject=-1"));
		}
		if (this.settings.getRetentionPolicy() == RetentionPolicy.Interest) {
			unusable("retention", "removes messages that nobody waits for (`retention: interest`): use a bucket with"
					+ " --retention=limits");
		}
		if (this.settings.getRetentionPolicy() == RetentionPolicy.WorkQueue) {
			unusable("retention", "removes messages once they are read (`retention: workqueue`): use a bucket with"
					+ " --retention=limits");
		}
		if (this.settings.getNoAck()) {
			unusable("no-ack",
					"acknowledges nothing, so that nothing is known to be stored: change that with " + edit("--ack"));
		}
		if (this.settings.getSubjectDeleteMarkerTtl() != null && !this.settings.getSubjectDeleteMarkerTtl().isZero()) {
			unusable("delete-markers", "leaves markers in place of objects that are gone: use a bucket without"
					+ " `subject_delete_marker_ttl`");
		}
		if (this.settings.getMaxMsgs() > 0) {
			this.findings.add(new ReplicaFinding(Severity.WARNING, "limited-messages",
					this.subject + "takes " + this.settings.getMaxMsgs()
							+ " messages at most and refuses objects then, however small: remove that limit with "
							+ edit("--max-msgs=-1")));
		}
	}

	private String edit(String option) {
		return "`nats stream edit " + this.bucket.stream() + " " + option + "`";
	}

	private void unusable(String code, String what) {
		this.findings.add(new ReplicaFinding(Severity.ERROR, code, this.subject + what));
	}

}
