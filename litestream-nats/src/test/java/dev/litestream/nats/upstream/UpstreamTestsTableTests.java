package dev.litestream.nats.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds docs/upstream-tests.md to what it says: each test of ours that it names exists.
 */
class UpstreamTestsTableTests {

	private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]+)\\.([a-z][A-Za-z0-9]+)`");

	@Test
	void everyTestThatIsNamedExists() throws IOException {
		Path root = root();
		Map<String, String> sources = sources(root);
		List<MatchResult> named = TEST.matcher(Files.readString(root.resolve("docs").resolve("upstream-tests.md")))
			.results()
			.toList();
		assertThat(named).hasSizeGreaterThan(50);
		assertThat(named)
			.allSatisfy((test) -> assertThat(sources.getOrDefault(test.group(1), "no such class")).as(test.group())
				.containsPattern("void " + test.group(2) + "\\("));
	}

	@Test
	void everyLineNamesATestOrSaysWhyThereIsNone() throws IOException {
		List<String> lines = Files.readAllLines(root().resolve("docs").resolve("upstream-tests.md"))
			.stream()
			.filter((line) -> line.startsWith("| `Test") || line.startsWith("| `Fuzz"))
			.toList();
		assertThat(lines).hasSizeGreaterThan(60)
			.allMatch((line) -> TEST.matcher(line).find() || line.contains("does not apply: ")
					|| line.contains("not built: "));
	}

	private static Path root() {
		Path folder = Path.of("").toAbsolutePath();
		while (!Files.exists(folder.resolve("mvnw"))) {
			folder = folder.getParent();
		}
		return folder;
	}

	private static Map<String, String> sources(Path root) throws IOException {
		Map<String, String> sources = new HashMap<>();
		try (Stream<Path> modules = Files.list(root)) {
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
