package dev.litestream.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Collects what one measure finds, in the order in which it comes. Not thread-safe.
 */
final class Figures {

	private final String measure;

	private final Map<String, Figure> figures = new LinkedHashMap<>();

	Figures(String measure) {
		this.measure = measure;
	}

	void add(Contestant contestant, String name, String unit, double value) {
		System.out.printf(Locale.ROOT, "%-8s %-18s %-50s %12.3f %s%n", this.measure, contestant.title(), name, value,
				unit);
		this.figures
			.computeIfAbsent(name + " " + unit,
					(key) -> new Figure(this.measure, name, unit, new EnumMap<>(Contestant.class)))
			.values()
			.computeIfAbsent(contestant, (key) -> new ArrayList<>())
			.add(value);
	}

	/** What processes cost, each and together. */
	void addProcessors(Contestant contestant, String during, Map<String, ProcessUsage> usages) {
		usages.forEach(
				(process, usage) -> add(contestant, during + ": processor, " + process, "s", usage.processorSeconds()));
		add(contestant, during + ": processor, all", "s",
				usages.values().stream().mapToDouble(ProcessUsage::processorSeconds).sum());
	}

	List<Figure> all() {
		return List.copyOf(this.figures.values());
	}

}
