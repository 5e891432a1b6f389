package dev.litestream.spring.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which property of Litestream is wrong and what to write instead.
 */
class InvalidLitestreamPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidLitestreamPropertyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidLitestreamPropertyException cause) {
		String description = "The property '" + cause.getProperty() + "' " + cause.getProblem() + ".";
		return new FailureAnalysis(description, cause.getCure(), cause);
	}

}
