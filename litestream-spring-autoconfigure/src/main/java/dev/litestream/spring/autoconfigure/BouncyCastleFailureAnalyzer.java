package dev.litestream.spring.autoconfigure;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to add when the application itself signs in to NATS by the client library's
 * own means, which need a library that Litestream leaves out.
 */
class BouncyCastleFailureAnalyzer extends AbstractFailureAnalyzer<NoClassDefFoundError> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoClassDefFoundError cause) {
		String missing = String.valueOf(cause.getMessage());
		boolean ofNats = Arrays.stream(cause.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().startsWith("io.nats."));
		if (!ofNats || !missing.contains("org/bouncycastle/")) {
			return null;
		}
		return new FailureAnalysis(
				"The NATS client library needs Bouncy Castle for NKeys, JWTs and credentials files (" + missing
						+ " is missing). Litestream signs with the JDK and leaves that library out.",
				"Add the dependency org.bouncycastle:bcprov-lts8on to the application, in the version that"
						+ " io.nats:jnats names.",
				cause);
	}

}
