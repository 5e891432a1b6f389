package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Puts results into the documentation: their tables between two comments of
 * {@code docs/benchmarks.md}, their charts beside it.
 */
final class Publication {

	private static final String BEGIN = "<!-- results -->\n";

	private static final String END = "<!-- end of results -->";

	private static final String CHARTS = "benchmarks";

	private final Path docs;

	Publication(Path docs) {
		this.docs = docs;
	}

	/** Replaces what was published before. */
	void publish(Result... results) throws IOException {
		StringBuilder text = new StringBuilder();
		for (Result result : results) {
			Report report = new Report(result);
			text.append('\n').append(report.markdown(CHARTS));
			writeCharts(report, this.docs.resolve(CHARTS));
		}
		Path page = this.docs.resolve("benchmarks.md");
		Files.writeString(page, replaced(Files.readString(page), text.append('\n').toString()));
	}

	static void writeCharts(Report report, Path directory) throws IOException {
		Files.createDirectories(directory);
		for (Figure figure : report.charted()) {
			Files.writeString(directory.resolve(Report.chartName(figure)), BarChart.of(figure).svg());
		}
	}

	static String replaced(String page, String text) {
		int begin = page.indexOf(BEGIN);
		int end = page.indexOf(END);
		if (begin < 0 || end < begin) {
			throw new IllegalStateException("The page has no lines '" + BEGIN.trim() + "' and '" + END
					+ "' between which results could be put");
		}
		return page.substring(0, begin + BEGIN.length()) + text + page.substring(end);
	}

}
