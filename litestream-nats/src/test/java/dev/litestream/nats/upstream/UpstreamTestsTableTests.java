package dev.litestream.nats.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds docs/upstream-tests.md to what it says: each test of ours that it names exists.
 */
class UpstreamTestsTableTests {

	private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]+)\\.([a-z][A-Za-z0-9]+)`");

	@Test
	void everyTestThatIsNamedExists() throws IOException {
		Map<String, String> sources = TestSources.read();
		List<MatchResult> named = TEST
			.matcher(Files.readString(TestSources.root().resolve("docs").resolve("upstream-tests.md")))
			.results()
			.toList();
		assertThat(named).hasSizeGreaterThan(50);
		assertThat(named)
			.allSatisfy((test) -> assertThat(sources.getOrDefault(test.group(1), "no such class")).as(test.group())
				.containsPattern("void " + test.group(2) + "\\("));
	}

	@Test
	void everyLineNamesATestOrSaysWhyThereIsNone() throws IOException {
		List<String> lines = Files.readAllLines(TestSources.root().resolve("docs").resolve("upstream-tests.md"))
			.stream()
			.filter((line) -> line.startsWith("| `Test") || line.startsWith("| `Fuzz"))
			.toList();
		assertThat(lines).hasSizeGreaterThan(60)
			.allMatch((line) -> TEST.matcher(line).find() || line.contains("does not apply: ")
					|| line.contains("not built: "));
	}

}
