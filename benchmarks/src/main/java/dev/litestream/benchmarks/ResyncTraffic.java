package dev.litestream.benchmarks;

import java.util.List;
import java.util.Map;

/**
 * What is sent to the server after a thousand rows were changed while nobody replicated,
 * and the WAL that showed the changes is gone.
 */
final class ResyncTraffic implements Measure {

	private static final int ROWS = 1000;

	private final Options options;

	ResyncTraffic(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "resync";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.ORIGINAL, Contestant.OURS);
	}

	@Override
	public void run(Contestant contestant, Figures figures) throws Exception {
		try (Scene scene = Scene.set(contestant, false)) {
			scene.startOriginal();
			WriterProcess writer = scene
				.startWriter(Map.of("workload", "LOAD", "megabytes", Integer.toString(this.options.megabytes())));
			writer.awaitTime("DONE");
			scene.awaitMark(1, writer.commits().get(1L));
			writer.stop();
			scene.stopOriginal();
			long stopped = WallClock.micros();
			scene.writeWithoutReplication(Map.of("workload", "TOUCH", "commits", Integer.toString(ROWS)));
			Server.Traffic before = scene.server().traffic();
			long begun = WallClock.micros();
			scene.restartOriginal();
			if (contestant == Contestant.OURS) {
				scene.startWriter(Map.of());
			}
			long arrived = scene.awaitMark(2, stopped);
			String what = ROWS + " rows changed";
			figures.add(contestant, what + ": sent", "MB", scene.server().traffic().since(before).bytesIn() / 1e6);
			figures.add(contestant, what + ": start to replicated", "s", (arrived - begun) / 1e6);
		}
	}

}
