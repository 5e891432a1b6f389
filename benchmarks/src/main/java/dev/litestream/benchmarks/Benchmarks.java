package dev.litestream.benchmarks;

import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The command behind {@code bin/benchmarks}: the contestants of each measure take turns,
 * and what they did is written to {@code benchmarks/results}.
 */
public final class Benchmarks {

	private static final Path RESULTS = Path.of("benchmarks", "results");

	private Benchmarks() {
	}

	/**
	 * Runs the command in the directory of the repository.
	 * @param args names of measures, and options
	 * @throws Exception if a run fails
	 */
	public static void main(String[] args) throws Exception {
		try {
			Options options = Options.parse(args);
			measure(options, chosen(options));
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
			System.exit(2);
		}
		System.exit(0);
	}

	private static List<Measure> chosen(Options options) {
		List<Measure> all = List.of(new Latency(options), new Catchup(options), new WriterRate(options));
		List<String> names = all.stream().map(Measure::name).toList();
		for (String name : options.measures()) {
			if (!names.contains(name)) {
				throw new IllegalArgumentException("There is no measure and no option '" + name + "'; the measures are "
						+ String.join(", ", names));
			}
		}
		return all.stream()
			.filter((measure) -> options.measures().isEmpty() || options.measures().contains(measure.name()))
			.toList();
	}

	private static void measure(Options options, List<Measure> measures) throws Exception {
		OffsetDateTime begun = OffsetDateTime.now(ZoneOffset.UTC);
		var environment = Environment.describe();
		List<Figure> all = new ArrayList<>();
		for (Measure measure : measures) {
			Figures figures = new Figures(measure.name());
			for (int round = 1; round <= options.rounds(); round++) {
				System.out.printf(Locale.ROOT, "%s, round %d of %d%n", measure.name(), round, options.rounds());
				for (Contestant contestant : measure.contestants()) {
					measure.run(contestant, figures);
				}
			}
			all.addAll(figures.all());
			// what is there after each measure is not lost if a later one fails
			Result result = new Result(begun.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME), environment, options, all);
			Path file = RESULTS
				.resolve(begun.format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT)) + ".json");
			result.write(file);
			System.out.println(file);
		}
	}

}
