package dev.litestream.nats.bucket;

import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * A consumer ended, or messages from it were lost. What it delivered until then holds.
 */
final class ConsumerLostException extends ReplicaUnavailableException {

	private static final long serialVersionUID = 1L;

	ConsumerLostException(String message) {
		super(message);
	}

	ConsumerLostException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
