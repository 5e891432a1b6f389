package dev.litestream.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * The time from the first of many large transactions, written at full speed, to the
 * object that holds the last of them, and what it costs.
 */
final class Catchup implements Measure {

	private final Options options;

	Catchup(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "catchup";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.LIMIT, Contestant.NONE, Contestant.ORIGINAL, Contestant.ORIGINAL_1MS,
				Contestant.OURS);
	}

	@Override
	public void run(Contestant contestant, Figures figures) throws Exception {
		String what = this.options.megabytes() + " MB";
		if (contestant == Contestant.LIMIT) {
			try (Server server = Server.start(false); RawStream raw = RawStream.create(server)) {
				figures.add(contestant, what + " in the bucket", "s",
						raw.publish(this.options.megabytes() * 1_000_000L));
			}
			return;
		}
		try (Scene scene = Scene.set(contestant, false); WalWatch wal = new WalWatch(scene.database())) {
			scene.startOriginal();
			WriterProcess writer = scene
				.startWriter(Map.of("workload", "LOAD", "megabytes", Integer.toString(this.options.megabytes())));
			long begun = writer.awaitTime("BEGUN");
			Map<String, ProcessUsage> before = scene.usages(writer);
			long written = writer.awaitTime("DONE");
			figures.add(contestant, what + " written", "s", (written - begun) / 1e6);
			if (contestant != Contestant.NONE) {
				long arrived = scene.awaitMark(1, writer.commits().get(1L));
				figures.add(contestant, what + " in the bucket", "s", (arrived - begun) / 1e6);
				figures.add(contestant, "behind the last commit", "s", (arrived - written) / 1e6);
			}
			Map<String, ProcessUsage> used = scene.usagesSince(before, writer);
			figures.addProcessors(contestant, "until then", used);
			used.forEach((process, usage) -> figures.add(contestant, "most memory, " + process, "MB",
					usage.peakBytes() / 1e6));
			figures.add(contestant, "largest WAL", "MB", wal.largest() / 1e6);
			if (contestant != Contestant.NONE) {
				List<Arrival> arrivals = scene.observer().arrivals();
				figures.add(contestant, "objects", "", arrivals.size());
				figures.add(contestant, "size of the objects", "MB",
						arrivals.stream().mapToLong(Arrival::size).sum() / 1e6);
			}
		}
	}

}
