package dev.litestream.benchmarks;

import java.util.List;

/**
 * Order statistics.
 */
final class Statistics {

	private Statistics() {
	}

	/**
	 * The smallest value that at least a share of the values does not exceed.
	 * @param values at least one
	 * @param share 0 to 1
	 */
	static double percentile(List<Double> values, double share) {
		List<Double> sorted = values.stream().sorted().toList();
		int rank = (int) Math.ceil(share * sorted.size());
		return sorted.get(Math.max(rank, 1) - 1);
	}

	/** The middle value, or the mean of the two in the middle. */
	static double median(List<Double> values) {
		List<Double> sorted = values.stream().sorted().toList();
		int middle = sorted.size() / 2;
		return (sorted.size() % 2 == 1) ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
	}

}
