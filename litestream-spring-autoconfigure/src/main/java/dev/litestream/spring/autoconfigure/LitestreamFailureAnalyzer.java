package dev.litestream.spring.autoconfigure;

import dev.litestream.LitestreamException;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Prints what Litestream says when it stops the start-up. Its messages are sentences that
 * name the cure and hold no secrets; where the cure is a property of Spring Boot, it is
 * named here.
 */
class LitestreamFailureAnalyzer extends AbstractFailureAnalyzer<LitestreamException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LitestreamException cause) {
		return new FailureAnalysis(cause.getMessage(), action(cause), cause);
	}

	private @Nullable String action(LitestreamException failure) {
		if (findCause(failure, ReplicaUnavailableException.class) != null) {
			return "Check that the replica can be reached and try again. To start without restoring, set"
					+ " litestream.dbs[].restore.on-startup=never; a database that is missing is then created empty.";
		}
		return null;
	}

}
