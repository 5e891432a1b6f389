package dev.litestream.benchmarks;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * One quantity, measured several times for several contestants.
 *
 * @param measure the measure that it belongs to
 * @param name what it is
 * @param unit its unit
 * @param values one for each round, by contestant
 */
record Figure(String measure, String name, String unit, Map<Contestant, List<Double>> values) {

	/** A contestant's median, or {@code null} if it was not measured. */
	@Nullable Double median(Contestant contestant) {
		List<Double> all = this.values.get(contestant);
		return (all == null || all.isEmpty()) ? null : Statistics.median(all);
	}

}
