package dev.litestream.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * A result as Markdown: a table for each measure, with a column for each contestant.
 *
 * @param result the result
 */
record Report(Result result) {

	/**
	 * The text.
	 * @param charts where the charts are, seen from the text
	 */
	String markdown(String charts) {
		StringBuilder text = new StringBuilder();
		text.append("Measured ").append(this.result.date(), 0, 10).append(", medians of ");
		text.append(this.result.options().rounds()).append(rounds());
		text.append(this.result.environment()
			.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + " " + entry.getValue())
			.collect(Collectors.joining("; ", "Machine and programs: ", ".\n")));
		if (this.result.options().quick()) {
			text.append("\nA quick run, to see whether it works. **These are no figures to rely on.**\n");
		}
		for (String measure : measures()) {
			List<Figure> figures = of(measure);
			text.append("\n### ").append(measure).append("\n\n");
			for (Figure figure : charted(figures)) {
				text.append(String.format(Locale.ROOT, "![%s: %s](%s/%s)%n%n", measure, figure.name(), charts,
						chartName(figure)));
			}
			text.append(table(figures));
		}
		return text.toString();
	}

	private String rounds() {
		return (this.result.options().rounds() == 1) ? " round. " : " rounds, the smallest and the largest below. ";
	}

	private List<String> measures() {
		return this.result.figures().stream().map(Figure::measure).distinct().toList();
	}

	private List<Figure> of(String measure) {
		return this.result.figures().stream().filter((figure) -> figure.measure().equals(measure)).toList();
	}

	/** All that are drawn. */
	List<Figure> charted() {
		return charted(this.result.figures());
	}

	/** Processor times and limits of a part stay in the tables. */
	private static List<Figure> charted(List<Figure> figures) {
		return figures.stream()
			.filter((figure) -> figure.values().containsKey(Contestant.OURS)
					&& figure.values().containsKey(Contestant.ORIGINAL))
			.filter((figure) -> switch (figure.measure()) {
				case "latency" -> figure.name().endsWith("p50") || figure.name().endsWith("p99");
				case "catchup" -> figure.name().endsWith("in the bucket") || figure.name().endsWith("largest WAL")
						|| figure.name().endsWith("processor, all");
				case "writer" -> figure.unit().equals("commits/s");
				case "idle" -> figure.name().endsWith("processor") || figure.name().endsWith("requests");
				default -> true;
			})
			.toList();
	}

	/** The name of a figure's chart. */
	static String chartName(Figure figure) {
		return (figure.measure() + "-" + figure.name()).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".svg";
	}

	private static String table(List<Figure> figures) {
		List<Contestant> contestants = new ArrayList<>();
		for (Contestant contestant : Contestant.values()) {
			if (figures.stream().anyMatch((figure) -> figure.values().containsKey(contestant))) {
				contestants.add(contestant);
			}
		}
		StringBuilder table = new StringBuilder("| |");
		contestants.forEach((contestant) -> table.append(' ').append(contestant.title()).append(" |"));
		table.append(" litestream : this engine |\n|---|");
		table.append("--:|".repeat(contestants.size() + 1)).append('\n');
		for (Figure figure : figures) {
			table.append("| ").append(figure.name()).append(figure.unit().isEmpty() ? "" : ", " + figure.unit());
			table.append(" |");
			for (Contestant contestant : contestants) {
				table.append(' ').append(cell(figure.values().get(contestant))).append(" |");
			}
			table.append(' ').append(ratio(figure)).append(" |\n");
		}
		return table.toString();
	}

	private static String cell(@Nullable List<Double> values) {
		if (values == null || values.isEmpty()) {
			return "";
		}
		String median = Numbers.format(Statistics.median(values));
		return (values.size() == 1) ? median : median + "<br>" + Numbers.format(Collections.min(values)) + "–"
				+ Numbers.format(Collections.max(values));
	}

	private static String ratio(Figure figure) {
		Double original = figure.median(Contestant.ORIGINAL);
		Double ours = figure.median(Contestant.OURS);
		return (original == null || ours == null || ours == 0) ? "" : Numbers.format(original / ours);
	}

}
