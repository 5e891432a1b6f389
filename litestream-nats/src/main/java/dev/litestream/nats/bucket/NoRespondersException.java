package dev.litestream.nats.bucket;

import dev.litestream.replica.ReplicaUnavailableException;

/**
 * Nothing listens on a subject: the stream is missing, or has no leader at the moment.
 * The request was not carried out.
 */
public final class NoRespondersException extends ReplicaUnavailableException {

	private static final long serialVersionUID = 1L;

	NoRespondersException(String message) {
		super(message);
	}

}
