package dev.litestream.benchmarks;

import java.nio.file.Path;

/**
 * How this JVM was started, for others of the same kind.
 */
final class JavaProgram {

	private JavaProgram() {
	}

	static String java() {
		return Path.of(System.getProperty("java.home"), "bin", "java").toString();
	}

	static String classPath() {
		return System.getProperty("java.class.path");
	}

}
