package dev.litestream.benchmarks;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The time from a commit's return to the object that holds it, as an observer sees it
 * arrive, from the first commit after the application's start on.
 */
final class Latency implements Measure {

	private static final int COMMITS_PER_SECOND = 10;

	private final Options options;

	Latency(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "latency";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.LIMIT, Contestant.ORIGINAL, Contestant.ORIGINAL_1MS, Contestant.OURS);
	}

	@Override
	public void run(Contestant contestant, Figures figures) throws Exception {
		run(contestant, false, figures);
		if (this.options.cluster()) {
			run(contestant, true, figures);
		}
	}

	private void run(Contestant contestant, boolean cluster, Figures figures) throws Exception {
		List<Double> millis = (contestant == Contestant.LIMIT) ? limit(cluster) : latencies(contestant, cluster);
		String servers = cluster ? "three servers" : "one server";
		figures.add(contestant, servers + ", p50", "ms", Statistics.percentile(millis, 0.5));
		figures.add(contestant, servers + ", p99", "ms", Statistics.percentile(millis, 0.99));
		figures.add(contestant, servers + ", longest", "ms", Statistics.percentile(millis, 1));
	}

	private int commits() {
		return this.options.seconds() * COMMITS_PER_SECOND;
	}

	private List<Double> limit(boolean cluster) throws Exception {
		try (Server server = Server.start(cluster); RawStream raw = RawStream.create(server)) {
			return raw.acknowledged(commits(), COMMITS_PER_SECOND);
		}
	}

	private List<Double> latencies(Contestant contestant, boolean cluster) throws Exception {
		try (Scene scene = Scene.set(contestant, cluster)) {
			scene.startOriginal();
			WriterProcess writer = scene.startWriter(Map.of("workload", "PACED", "commits", Integer.toString(commits()),
					"rate", Integer.toString(COMMITS_PER_SECOND)));
			writer.awaitTime("DONE");
			Map<Long, Long> commits = writer.commits();
			long last = commits.size();
			scene.awaitMark(last, commits.get(last));
			return latencies(commits, scene.observer());
		}
	}

	/** Each commit with the first object that reaches as far. */
	private static List<Double> latencies(Map<Long, Long> commits, BucketObserver observer) throws Exception {
		List<Double> millis = new ArrayList<>();
		Iterator<Arrival> arrivals = observer.arrivals().iterator();
		long micros = 0;
		long reached = 0;
		for (Map.Entry<Long, Long> commit : commits.entrySet()) {
			while (reached < commit.getKey()) {
				Arrival arrival = arrivals.next();
				micros = arrival.micros();
				reached = Math.max(reached, observer.largestMark(arrival));
			}
			millis.add((micros - commit.getValue()) / 1000.0);
		}
		return millis;
	}

}
