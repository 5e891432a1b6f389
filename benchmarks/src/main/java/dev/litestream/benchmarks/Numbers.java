package dev.litestream.benchmarks;

import java.util.Locale;

/**
 * Numbers with three digits that count, for people.
 */
final class Numbers {

	private Numbers() {
	}

	static String format(double value) {
		double size = Math.abs(value);
		if (size >= 100 || size == Math.rint(size)) {
			return String.format(Locale.ROOT, "%,.0f", value);
		}
		if (size >= 10) {
			return String.format(Locale.ROOT, "%.1f", value);
		}
		return String.format(Locale.ROOT, (size >= 1) ? "%.2f" : "%.3f", value);
	}

}
