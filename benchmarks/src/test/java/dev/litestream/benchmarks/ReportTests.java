package dev.litestream.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTests {

	private static final Result RESULT = new Result("2026-03-06T08:10:33Z", Map.of("java", "17"),
			Options.parse("--rounds", "3"),
			List.of(new Figure("latency", "one server, p50", "ms", Map.of(Contestant.LIMIT, List.of(0.25),
					Contestant.ORIGINAL, List.of(400.0, 500.0, 600.0), Contestant.OURS, List.of(2.0, 2.5, 9.0)))));

	@Test
	void aRowShowsMediansWithTheirRangeAndTheRatio() {
		assertThat(new Report(RESULT).markdown("charts")).contains("| | limit | litestream | this engine |")
			.contains("| one server, p50, ms | 0.250 | 500<br>400–600 | 2.50<br>2–9 | 200 |")
			.contains("![latency: one server, p50](charts/latency-one-server-p50.svg)");
	}

	@Test
	void aResultIsTheSameAfterItWasWritten(@TempDir Path directory) throws Exception {
		Path file = directory.resolve("result.json");
		RESULT.write(file);
		assertThat(Result.read(file)).isEqualTo(RESULT);
	}

	@Test
	void whatIsPublishedReplacesWhatWasBefore(@TempDir Path directory) throws Exception {
		Path page = directory.resolve("benchmarks.md");
		Files.writeString(page, "before\n<!-- results -->\nold\n<!-- end of results -->\nafter\n");
		new Publication(directory).publish(RESULT);
		assertThat(page).content()
			.startsWith("before\n<!-- results -->\n")
			.contains("one server, p50")
			.doesNotContain("old")
			.endsWith("<!-- end of results -->\nafter\n");
		assertThat(directory.resolve("benchmarks/latency-one-server-p50.svg")).content().contains("this engine");
	}

}
