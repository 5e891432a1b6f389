package dev.litestream.test;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts the shared server of {@link NatsServerTest} at its first use, ends it with the
 * last test, and prints its log beside a test that failed.
 */
public final class NatsServerExtension implements ParameterResolver, AfterTestExecutionCallback {

	private static final Namespace NAMESPACE = Namespace.create(NatsServerExtension.class);

	private static final int LOG_CHARACTERS = 8000;

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == NatsServer.class;
	}

	@Override
	public NatsServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
		// in the root's store: JUnit closes it when all tests of this JVM are done
		return context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(NatsServer.class, (type) -> NatsServer.start(), NatsServer.class);
	}

	@Override
	public void afterTestExecution(ExtensionContext context) {
		NatsServer server = context.getRoot().getStore(NAMESPACE).get(NatsServer.class, NatsServer.class);
		if (server != null && context.getExecutionException().isPresent()) {
			String log = server.log();
			System.err.println("Log of the shared nats-server at the failure of " + context.getDisplayName() + ":");
			System.err.println(log.substring(Math.max(0, log.length() - LOG_CHARACTERS)));
		}
	}

}
