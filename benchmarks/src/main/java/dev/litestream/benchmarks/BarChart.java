package dev.litestream.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A chart of horizontal bars as SVG, readable on a light and on a dark background. If the
 * longest bar is many times the shortest, the scale is logarithmic, and the chart says
 * so.
 *
 * @param title what is shown
 * @param unit the values' unit
 * @param bars the bars, from top to bottom
 */
record BarChart(String title, String unit, List<Bar> bars) {

	private static final int WIDTH = 720;

	private static final int LEFT = 190;

	private static final int RIGHT = 110;

	private static final int TOP = 44;

	private static final int BAR = 20;

	private static final int STEP = 28;

	private static final double LARGEST_LINEAR_RATIO = 50;

	/** Shown for values that are 0 or rounded to it, or less than the scale's start. */
	private static final double SHORTEST = 2;

	private static final String HEAD = """
			<svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-label="%3$s">
			<style>
			text { font: 13px system-ui, sans-serif; fill: #24292f }
			.title { font-weight: 600 }
			.other { fill: #8c959f }
			.ours { fill: #1f883d }
			.limit { fill: none; stroke: #8c959f; stroke-dasharray: 3 2 }
			@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .ours { fill: #3fb950 } }
			</style>
			<text class="title" x="0" y="18">%3$s</text>
			""";

	String svg() {
		StringBuilder svg = new StringBuilder();
		double shortest = this.bars.stream().mapToDouble(Bar::value).filter((value) -> value > 0).min().orElse(1);
		double longest = this.bars.stream().mapToDouble(Bar::value).max().orElse(1);
		boolean logarithmic = longest / shortest > LARGEST_LINEAR_RATIO;
		String heading = this.title + " (" + this.unit + (logarithmic ? ", logarithmic scale" : "") + ")";
		svg.append(String.format(Locale.ROOT, HEAD, WIDTH, TOP + STEP * this.bars.size(),
				escape(heading.replace(" ()", ""))));
		double origin = Math.pow(10, Math.floor(Math.log10(shortest)));
		for (int i = 0; i < this.bars.size(); i++) {
			Bar bar = this.bars.get(i);
			double share = logarithmic ? Math.log(bar.value() / origin) / Math.log(longest / origin)
					: bar.value() / longest;
			double length = Math.max(SHORTEST, (WIDTH - LEFT - RIGHT) * (Double.isFinite(share) ? share : 0));
			int y = TOP - 12 + i * STEP;
			svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n", LEFT - 8,
					y + 15, escape(bar.label())));
			svg.append(String.format(Locale.ROOT,
					"<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n", bar.kind(), LEFT,
					y, length, BAR));
			svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>%n", LEFT + length + 6, y + 15,
					Numbers.format(bar.value())));
		}
		return svg.append("</svg>\n").toString();
	}

	/**
	 * A chart of a figure's medians, of the contestants that were measured.
	 */
	static BarChart of(Figure figure) {
		List<Bar> bars = new ArrayList<>();
		for (Contestant contestant : Contestant.values()) {
			Double median = figure.median(contestant);
			if (median != null) {
				bars.add(new Bar(contestant.title(), median, kind(contestant)));
			}
		}
		return new BarChart(figure.name(), figure.unit(), List.copyOf(bars));
	}

	private static String kind(Contestant contestant) {
		return switch (contestant) {
			case OURS -> "ours";
			case LIMIT -> "limit";
			default -> "other";
		};
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
	}

	/**
	 * One bar.
	 *
	 * @param label on its left
	 * @param value its length, 0 or more
	 * @param kind its class in the chart's style: {@code ours}, {@code other} or
	 * {@code limit}
	 */
	record Bar(String label, double value, String kind) {
	}

}
