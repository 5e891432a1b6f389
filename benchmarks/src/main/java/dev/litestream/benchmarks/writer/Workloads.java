package dev.litestream.benchmarks.writer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

import dev.litestream.benchmarks.WallClock;

import org.springframework.stereotype.Component;

/**
 * Runs one workload and says on the standard output what happened when: {@code BEGUN},
 * {@code COMMIT <mark>} for each marked commit, {@code RATE}, {@code DONE}, each followed
 * by microseconds since the epoch or commits per second.
 */
@Component
class Workloads {

	private final Tables tables;

	private final WriterSettings settings;

	Workloads(Tables tables, WriterSettings settings) {
		this.tables = tables;
		this.settings = settings;
	}

	void run() throws Exception {
		this.tables.create();
		long begun = WallClock.micros();
		say("BEGUN " + begun);
		switch (this.settings.workload()) {
			case NONE -> {
			}
			case PACED -> paced();
			case LOAD -> load();
			case SMALL -> small();
			case TOUCH -> {
				this.tables.touch(new Rows(7), this.settings.commits());
				mark(this.tables.lastMark() + 1);
				this.tables.checkpoint();
			}
		}
		say("DONE " + WallClock.micros());
	}

	private void paced() {
		Rows rows = new Rows(1);
		long first = this.tables.lastMark() + 1;
		double next = WallClock.micros();
		for (int i = 0; i < this.settings.commits(); i++) {
			// not in step with anybody's interval
			next += 1e6 / this.settings.rate() * (0.5 + rows.random().nextDouble());
			LockSupport.parkNanos(Math.max(0, (long) ((next - WallClock.micros()) * 1000)));
			mark(first + i);
		}
	}

	private void load() {
		Rows rows = new Rows(1);
		for (int i = 0; i < this.settings.megabytes(); i++) {
			this.tables.insertMegabyte(rows);
		}
		mark(this.tables.lastMark() + 1);
	}

	private void small() throws Exception {
		long begun = System.nanoTime();
		long end = begun + (long) (this.settings.seconds() * 1e9);
		List<Callable<Long>> writers = new ArrayList<>();
		for (int i = 0; i < this.settings.writers(); i++) {
			Rows rows = new Rows(1 + i);
			writers.add(() -> {
				long commits = 0;
				while (System.nanoTime() < end) {
					this.tables.insertSmall(rows);
					commits++;
				}
				return commits;
			});
		}
		ExecutorService threads = Executors.newFixedThreadPool(writers.size());
		long commits = 0;
		for (Future<Long> writer : threads.invokeAll(writers)) {
			commits += writer.get();
		}
		threads.shutdown();
		say(String.format(Locale.ROOT, "RATE %.1f", commits * 1e9 / (System.nanoTime() - begun)));
		mark(this.tables.lastMark() + 1);
	}

	private void mark(long id) {
		say("COMMIT " + id + " " + this.tables.mark(id));
	}

	private static void say(String line) {
		System.out.println(line);
	}

}
