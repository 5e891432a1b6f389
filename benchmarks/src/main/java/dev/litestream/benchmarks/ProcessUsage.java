package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process has used since its start, by {@code /proc}.
 *
 * @param processorSeconds user and system time
 * @param residentBytes memory now
 * @param peakBytes the most memory so far
 * @param bytesRead from the disk
 * @param bytesWritten to the disk
 */
record ProcessUsage(double processorSeconds, long residentBytes, long peakBytes, long bytesRead, long bytesWritten) {

	/** Of /proc on every Linux machine, whatever the kernel's own tick is. */
	private static final double TICKS_PER_SECOND = 100;

	static ProcessUsage of(long pid) throws IOException {
		Path directory = Path.of("/proc", Long.toString(pid));
		String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
		String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
		double seconds = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
		List<String> status = Files.readAllLines(directory.resolve("status"), StandardCharsets.ISO_8859_1);
		List<String> io = Files.readAllLines(directory.resolve("io"), StandardCharsets.ISO_8859_1);
		return new ProcessUsage(seconds, number(status, "VmRSS:") * 1024, number(status, "VmHWM:") * 1024,
				number(io, "read_bytes:"), number(io, "write_bytes:"));
	}

	/** What was used since an earlier look. */
	ProcessUsage since(ProcessUsage earlier) {
		return new ProcessUsage(this.processorSeconds - earlier.processorSeconds, this.residentBytes, this.peakBytes,
				this.bytesRead - earlier.bytesRead, this.bytesWritten - earlier.bytesWritten);
	}

	private static long number(List<String> lines, String key) {
		for (String line : lines) {
			if (line.startsWith(key)) {
				return Long.parseLong(line.substring(key.length()).replace("kB", "").trim());
			}
		}
		return 0;
	}

}
