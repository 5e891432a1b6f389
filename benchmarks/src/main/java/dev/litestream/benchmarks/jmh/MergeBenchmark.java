package dev.litestream.benchmarks.jmh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.LtxReader;
import dev.litestream.ltx.PageMerge;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Merging 16 LTX files of 64 pages each, half of which a later file holds again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MergeBenchmark {

	private static final int FILES = 16;

	private final List<byte[]> files = new ArrayList<>();

	private final byte[] page = new byte[SampleFiles.PAGE_SIZE];

	@Setup
	public void prepare() throws IOException {
		byte[] pages = SampleFiles.pages(64 * FILES / 2);
		for (int i = 0; i < FILES; i++) {
			this.files.add(SampleFiles.file(i + 2, pages, i % (FILES / 2), FILES / 2));
		}
	}

	@Benchmark
	public long merge() throws IOException {
		List<LtxReader> readers = new ArrayList<>();
		for (byte[] file : this.files) {
			readers.add(new LtxReader(new ByteArrayInputStream(file), "sample"));
		}
		long last = 0;
		try (PageMerge merge = new PageMerge(readers)) {
			for (long pgno = merge.nextPage(this.page); pgno != 0; pgno = merge.nextPage(this.page)) {
				last = pgno;
			}
		}
		return last;
	}

}
