package dev.litestream.benchmarks.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The command behind {@code bin/benchmarks jmh}: JMH with settings that end within
 * minutes, unless others are given.
 */
public final class Jmh {

	private Jmh() {
	}

	/**
	 * Runs benchmarks and writes their results to {@code benchmarks/results}.
	 * @param args JMH's arguments, such as a pattern of names
	 * @throws Exception if a benchmark fails
	 */
	public static void main(String[] args) throws Exception {
		CommandLineOptions given = new CommandLineOptions(args);
		if (given.shouldHelp()) {
			given.showHelp();
			return;
		}
		Path results = Path.of("benchmarks", "results");
		Files.createDirectories(results);
		String date = OffsetDateTime.now(ZoneOffset.UTC)
			.format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT));
		ChainedOptionsBuilder options = new OptionsBuilder().parent(given)
			.shouldFailOnError(true)
			.resultFormat(ResultFormatType.JSON)
			.result(results.resolve(date + "-jmh.json").toString());
		if (!given.getForkCount().hasValue()) {
			options.forks(1);
		}
		if (!given.getWarmupIterations().hasValue()) {
			options.warmupIterations(5);
		}
		if (!given.getWarmupTime().hasValue()) {
			options.warmupTime(TimeValue.seconds(1));
		}
		if (!given.getMeasurementIterations().hasValue()) {
			options.measurementIterations(5);
		}
		if (!given.getMeasurementTime().hasValue()) {
			options.measurementTime(TimeValue.seconds(1));
		}
		new Runner(options.build()).run();
	}

}
