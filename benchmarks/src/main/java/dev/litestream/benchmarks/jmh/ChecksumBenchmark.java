package dev.litestream.benchmarks.jmh;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.TimeUnit;

import dev.litestream.ltx.Crc64;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The two checksums over each byte that is sent: the LTX file's CRC-64 over a page, and
 * the object's SHA-256 over a chunk of 128 KB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ChecksumBenchmark {

	private final byte[] page = SampleFiles.pages(1);

	private final byte[] chunk = SampleFiles.pages(32);

	private final Crc64 crc = new Crc64();

	private MessageDigest digest;

	@Setup
	public void prepare() throws NoSuchAlgorithmException {
		this.digest = MessageDigest.getInstance("SHA-256");
	}

	@Benchmark
	public long crc64OfPage() {
		this.crc.reset();
		this.crc.update(this.page, 0, this.page.length);
		return this.crc.value();
	}

	@Benchmark
	public byte[] sha256OfChunk() {
		return this.digest.digest(this.chunk);
	}

}
