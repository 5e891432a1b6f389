package dev.litestream.ltx;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

import dev.litestream.benchmarks.writer.Rows;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One page to an LZ4 block and back, and from the LZ4 frame that the original wrote
 * before 0.5.16. In this package for the classes that do it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PageBenchmark {

	private static final int PAGE_SIZE = 4096;

	private final byte[] page = new Rows(1).next(PAGE_SIZE);

	private final byte[] decoded = new byte[PAGE_SIZE];

	private final byte[] block = new byte[PageCodec.bound(PAGE_SIZE)];

	private int blockSize;

	private byte[] frame;

	@Setup
	public void prepare() throws IOException {
		this.blockSize = encodeBlock();
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LZ4FrameOutputStream frames = new LZ4FrameOutputStream(out)) {
			frames.write(this.page);
		}
		this.frame = out.toByteArray();
	}

	@Benchmark
	public int encodeBlock() {
		return PageCodec.FASTEST.compress(this.page, 0, PAGE_SIZE, this.block, 0);
	}

	@Benchmark
	public int decodeBlock() {
		return PageCodec.FASTEST.decompress(this.block, 0, this.blockSize, this.decoded, 0, PAGE_SIZE);
	}

	@Benchmark
	public byte[] decodeFrame() throws IOException {
		PageFrame.read(new LtxInput(new ByteArrayInputStream(this.frame), "sample", 2 * PAGE_SIZE), this.decoded,
				PAGE_SIZE);
		return this.decoded;
	}

}
