package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
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
			if (args.length > 0 && args[0].equals("publish")) {
				publish(List.of(args).subList(1, args.length));
			}
			else {
				Options options = Options.parse(args);
				measure(options, chosen(options));
			}
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
			System.exit(2);
		}
		System.exit(0);
	}

	private static void publish(List<String> files) throws IOException {
		if (files.isEmpty()) {
			throw new IllegalArgumentException(
					"publish needs the names of results behind it, such as benchmarks/results/2026-03-06-0810.json");
		}
		List<Result> results = new ArrayList<>();
		for (String file : files) {
			results.add(Result.read(Path.of(file)));
		}
		new Publication(Path.of("docs")).publish(results.toArray(Result[]::new));
	}

	private static List<Measure> chosen(Options options) {
		List<Measure> all = List.of(new Latency(options), new Catchup(options), new WriterRate(options),
				new RestoreTime(options), new IdleCost(options), new ResyncTraffic(options));
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
			write(begun, new Result(begun.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME), environment, options, all));
		}
	}

	private static void write(OffsetDateTime begun, Result result) throws IOException {
		String name = begun.format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT));
		result.write(RESULTS.resolve(name + ".json"));
		Report report = new Report(result);
		Files.writeString(RESULTS.resolve(name + ".md"), report.markdown(name));
		Publication.writeCharts(report, RESULTS.resolve(name));
		System.out.println(RESULTS.resolve(name + ".md"));
	}

}
