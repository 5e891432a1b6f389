package dev.litestream.test;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Java agent behind a {@link CrashPoint}: ends the process there immediately, without
 * hooks, finally blocks or anything else.
 */
public final class CrashAgent {

	private static final AtomicInteger left = new AtomicInteger();

	private CrashAgent() {
	}

	/**
	 * Called by the JVM before the program starts.
	 * @param arguments the crash point
	 * @param instrumentation takes the agent
	 */
	public static void premain(String arguments, Instrumentation instrumentation) {
		CrashPoint point = CrashPoint.parse(arguments);
		left.set(point.times());
		instrumentation.addTransformer(new ClassFileTransformer() {

			@Override
			public byte[] transform(ClassLoader loader, String type, Class<?> redefined, ProtectionDomain domain,
					byte[] bytes) {
				return point.typeName().equals(type) ? new CrashPointWriter(point).rewrite(bytes) : null;
			}

		});
	}

	/** Called by the program, rewritten, at each of the point's places. */
	public static void reached() {
		if (left.decrementAndGet() == 0) {
			Runtime.getRuntime().halt(CrashPoint.EXIT_CODE);
		}
	}

}
