package dev.litestream.benchmarks.jmh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.LtxReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Writing an LTX file, and reading it to its verified end: one of a single small commit,
 * and one of a megabyte.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LtxBenchmark {

	/** Pages of the file. */
	@Param({ "2", "256" })
	public int count;

	private byte[] pages;

	private byte[] file;

	private final byte[] page = new byte[SampleFiles.PAGE_SIZE];

	@Setup
	public void prepare() throws IOException {
		this.pages = SampleFiles.pages(this.count);
		this.file = SampleFiles.file(2, this.pages, 0, 1);
	}

	@Benchmark
	public void encode() throws IOException {
		SampleFiles.write(OutputStream.nullOutputStream(), 2, this.pages, 0, 1);
	}

	@Benchmark
	public long decode() throws IOException {
		try (LtxReader reader = new LtxReader(new ByteArrayInputStream(this.file), "sample")) {
			while (reader.nextPage(this.page) != 0) {
				// to the verified end
			}
			return reader.fileChecksum();
		}
	}

}
