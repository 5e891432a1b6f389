package dev.litestream.nats.bucket;

import java.util.Objects;

import dev.litestream.nats.connection.Json;
import dev.litestream.replica.ReplicaRefusedException;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The stream whose acknowledgements count. A subject reaches every stream that listens to
 * it, behind a leaf node too, and the first answer arrives: that of a bucket of the same
 * name in another domain says nothing about ours.
 *
 * @param name the stream's name
 * @param domain its JetStream domain as the stream itself says, empty for none, or
 * {@code null} as long as it was not asked
 */
record StreamIdentity(String name, @Nullable String domain) {

	/**
	 * Refuses an acknowledgement of another stream. The message may have reached ours as
	 * well, or not.
	 */
	void requireOwn(JsonValue ack, BucketUse options) throws ReplicaRefusedException {
		StreamIdentity other = new StreamIdentity(Json.text(ack, "stream"), Json.text(ack, "domain"));
		if (this.name.equals(other.name) && (this.domain == null || this.domain.equals(other.domain))) {
			return;
		}
		throw new ReplicaRefusedException("What is written to " + options.location() + " was acknowledged by " + other
				+ ", not by " + this + ": both take the same subjects, so nobody knows what ours holds. Give one of the"
				+ " two buckets another name, or let their accounts not share $O." + options.bucket() + ".>");
	}

	@Override
	public String toString() {
		return "'" + this.name + "'"
				+ ((Objects.requireNonNullElse(this.domain, "").isEmpty()) ? "" : " in domain '" + this.domain + "'");
	}

}
