package dev.litestream.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * Small commits per second, with one and with four writers.
 */
final class WriterRate implements Measure {

	private static final List<Integer> WRITERS = List.of(1, 4);

	private final Options options;

	WriterRate(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "writer";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.NONE, Contestant.ORIGINAL, Contestant.ORIGINAL_1MS, Contestant.OURS);
	}

	@Override
	public void run(Contestant contestant, Figures figures) throws Exception {
		for (int writers : WRITERS) {
			try (Scene scene = Scene.set(contestant, false)) {
				scene.startOriginal();
				WriterProcess writer = scene.startWriter(Map.of("workload", "SMALL", "writers",
						Integer.toString(writers), "seconds", Integer.toString(this.options.seconds())));
				writer.awaitTime("BEGUN");
				Map<String, ProcessUsage> before = scene.usages(writer);
				String what = (writers == 1) ? "one writer" : writers + " writers";
				figures.add(contestant, what, "commits/s", Double.parseDouble(writer.await("RATE")));
				figures.addProcessors(contestant, what, scene.usagesSince(before, writer));
			}
		}
	}

}
