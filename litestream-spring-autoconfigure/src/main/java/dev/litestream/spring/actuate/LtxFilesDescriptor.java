package dev.litestream.spring.actuate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.litestream.LtxFile;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The LTX files of a replica.
 *
 * @param levels the levels that hold files, ascending
 */
public record LtxFilesDescriptor(List<Level> levels) implements OperationResponseBody {

	static LtxFilesDescriptor of(List<LtxFile> files) {
		Map<Integer, List<File>> levels = new TreeMap<>();
		for (LtxFile file : files) {
			levels.computeIfAbsent(file.level(), (level) -> new ArrayList<>())
				.add(new File(file.name(), file.minTxid().toString(), file.maxTxid().toString(), file.size(),
						file.createdAt()));
		}
		return new LtxFilesDescriptor(levels.entrySet()
			.stream()
			.map((entry) -> new Level(entry.getKey(), entry.getValue().size(),
					entry.getValue().stream().mapToLong(File::size).sum(), entry.getValue()))
			.toList());
	}

	/**
	 * A level.
	 *
	 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
	 * @param count how many files it holds
	 * @param size their size, in bytes
	 * @param files the files, ascending by TXID
	 */
	public record Level(int level, int count, long size, List<File> files) {

	}

	/**
	 * A file.
	 *
	 * @param name its name within the level
	 * @param minTxid the first position it holds
	 * @param maxTxid the last position it holds
	 * @param size its size, in bytes
	 * @param createdAt when its last position was written
	 */
	public record File(String name, String minTxid, String maxTxid, long size, Instant createdAt) {

	}

}
