package dev.litestream.nats.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds docs/hazards.md to what it says: each hazard has a test that carries its
 * identifier, or a reason why it has none.
 */
class HazardsPageTests {

	private static final Pattern ROW = Pattern.compile("\\| ([A-Z][0-9]+) \\| .+ \\| (.+) \\|");

	private static final Pattern ANNOTATION = Pattern.compile("@Hazard\\(\"(\\w+)\"\\)");

	private final Map<String, String> page = page();

	private final Set<String> tested = tested();

	HazardsPageTests() throws IOException {
	}

	@Test
	void everyHazardHasATestOrAReasonAndIsOnThePage() {
		assertThat(this.page).hasSizeGreaterThan(110);
		Set<String> withoutReason = new TreeSet<>(this.page.keySet());
		withoutReason.removeIf((hazard) -> this.page.get(hazard).startsWith("No test: "));
		assertThat(withoutReason).as("tested, or with a reason for having no test")
			.isEqualTo(new TreeSet<>(this.tested));
	}

	private static Map<String, String> page() throws IOException {
		Map<String, String> page = new TreeMap<>();
		for (String line : Files.readAllLines(TestSources.root().resolve("docs").resolve("hazards.md"))) {
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				assertThat(page.put(row.group(1), row.group(2))).as("%s is there twice", row.group(1)).isNull();
			}
		}
		return page;
	}

	private static Set<String> tested() throws IOException {
		return TestSources.read()
			.values()
			.stream()
			.flatMap((source) -> ANNOTATION.matcher(source).results())
			.map((match) -> match.group(1))
			.collect(Collectors.toSet());
	}

}
