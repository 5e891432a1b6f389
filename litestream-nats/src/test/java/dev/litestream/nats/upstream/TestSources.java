package dev.litestream.nats.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The sources of all modules' tests, for pages that name them.
 */
final class TestSources {

	private TestSources() {
	}

	/**
	 * The checkout's top folder.
	 */
	static Path root() {
		Path folder = Path.of("").toAbsolutePath();
		while (!Files.exists(folder.resolve("mvnw"))) {
			folder = folder.getParent();
		}
		return folder;
	}

	/**
	 * The sources by simple class name; those of one name in several modules in one text.
	 */
	static Map<String, String> read() throws IOException {
		Map<String, String> sources = new HashMap<>();
		try (Stream<Path> modules = Files.list(root())) {
			for (Path tests : modules.map((module) -> module.resolve("src").resolve("test")).toList()) {
				if (Files.isDirectory(tests)) {
					read(tests, sources);
				}
			}
		}
		return sources;
	}

	private static void read(Path tests, Map<String, String> sources) throws IOException {
		try (Stream<Path> files = Files.walk(tests)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
				sources.merge(file.getFileName().toString().replace(".java", ""), Files.readString(file),
						String::concat);
			}
		}
	}

}
