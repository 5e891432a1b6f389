package dev.litestream.sqlite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The POSIX locks that this process holds, as Linux lists them in {@code /proc/locks}.
 * Reading that is safe because it needs no descriptor of a locked file. The table is read
 * for all databases together. Thread-safe.
 */
final class PosixLocks {

	/** The table is read again when it is older than this. */
	static final long INTERVAL = TimeUnit.SECONDS.toNanos(3);

	private static final Path TABLE = Path.of("/proc/locks");

	private static final Path MAPS = Path.of("/proc/self/maps");

	// 1: POSIX ADVISORY READ 1234 08:01:5678 124 124
	private static final Pattern LINE = Pattern
		.compile("\\d+: POSIX +\\S+ +\\S+ +(\\d+) +\\S+:\\S+:(\\d+) +(\\d+) +(\\d+|EOF)");

	private static PosixLocks last = new PosixLocks(Map.of(), System.nanoTime() - 2 * INTERVAL);

	private final Map<Long, List<long[]>> ranges;

	private final long readAt;

	private PosixLocks(Map<Long, List<long[]>> ranges, long readAt) {
		this.ranges = ranges;
		this.readAt = readAt;
	}

	/**
	 * The locks as they were a short time ago. Throws if the system has no such table.
	 */
	static synchronized PosixLocks recent() throws IOException {
		return (System.nanoTime() - last.readAt < INTERVAL) ? last : now();
	}

	/** The locks as they are now. Throws if the system has no such table. */
	static synchronized PosixLocks now() throws IOException {
		String pid = Long.toString(ProcessHandle.current().pid());
		Map<Long, List<long[]>> ranges = new HashMap<>();
		for (String line : Files.readAllLines(TABLE, StandardCharsets.US_ASCII)) {
			Matcher matcher = LINE.matcher(line.trim());
			if (matcher.matches() && matcher.group(1).equals(pid)) {
				long end = matcher.group(4).equals("EOF") ? Long.MAX_VALUE : Long.parseLong(matcher.group(4));
				ranges.computeIfAbsent(Long.parseLong(matcher.group(2)), (inode) -> new ArrayList<>())
					.add(new long[] { Long.parseLong(matcher.group(3)), end });
			}
		}
		last = new PosixLocks(ranges, System.nanoTime());
		return last;
	}

	/** Whether this process holds a lock on a byte of a file. */
	boolean covers(long inode, long position) {
		return this.ranges.getOrDefault(inode, List.of())
			.stream()
			.anyMatch((range) -> range[0] <= position && position <= range[1]);
	}

	/** A file's inode, by {@code stat} alone. Throws if the file does not exist. */
	static long inode(Path file) throws IOException {
		return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
	}

	/**
	 * The paths of the copies of SQLite's library that sqlite-jdbc has loaded into this
	 * process. Two of them drop each other's locks.
	 */
	static Set<String> libraries() {
		Set<String> libraries = new TreeSet<>();
		try {
			for (String line : Files.readAllLines(MAPS)) {
				int slash = line.indexOf('/');
				if (slash >= 0 && line.contains("sqlitejdbc")) {
					libraries.add(line.substring(slash));
				}
			}
		}
		catch (IOException ex) {
			// Only a hint.
		}
		return libraries;
	}

}
