package dev.litestream.nats.bucket;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import org.jspecify.annotations.Nullable;

/**
 * The files of one level of one database, in the order of a listing, as plain numbers: 32
 * bytes for each. New files usually come last and old ones go first, and both are cheap.
 * Not thread-safe.
 */
final class LevelFiles {

	private static final long NANOS = 1_000_000_000L;

	private long[] min = new long[8];

	private long[] max = new long[8];

	private long[] size = new long[8];

	/** Nanoseconds since 1970. */
	private long[] created = new long[8];

	private int from;

	private int to;

	/** Adds a file, or replaces what is known of it. */
	boolean put(Txid minTxid, Txid maxTxid, long fileSize, Instant createdAt) {
		long nanos = nanos(createdAt);
		int at = find(minTxid.value(), maxTxid.value());
		boolean replaced = at >= 0;
		if (!replaced) {
			at = open(-at - 1);
		}
		this.min[at] = minTxid.value();
		this.max[at] = maxTxid.value();
		this.size[at] = fileSize;
		this.created[at] = nanos;
		return replaced;
	}

	/**
	 * A time as it is remembered, in nanoseconds since 1970. Throws
	 * {@link ArithmeticException} if it does not lie between 1677 and 2262.
	 */
	static long nanos(Instant time) {
		return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NANOS), time.getNano());
	}

	/** Removes a file. */
	boolean remove(Txid minTxid, Txid maxTxid) {
		int at = find(minTxid.value(), maxTxid.value());
		if (at < 0) {
			return false;
		}
		if (at == this.from) {
			this.from++;
		}
		else {
			move(at + 1, at, this.to - at - 1);
			this.to--;
		}
		if (this.to - this.from < this.min.length / 4) {
			fit();
		}
		return true;
	}

	private int open(int at) {
		if (this.to == this.min.length) {
			int before = at - this.from;
			fit();
			at = this.from + before;
		}
		move(at, at + 1, this.to - at);
		this.to++;
		return at;
	}

	private void move(int source, int target, int count) {
		for (long[] column : new long[][] { this.min, this.max, this.size, this.created }) {
			System.arraycopy(column, source, column, target, count);
		}
	}

	/** Makes room for half as many again, and gives back what is much more. */
	private void fit() {
		int count = this.to - this.from;
		int capacity = Math.max(8, count + count / 2);
		this.min = copy(this.min, capacity);
		this.max = copy(this.max, capacity);
		this.size = copy(this.size, capacity);
		this.created = copy(this.created, capacity);
		this.from = 0;
		this.to = count;
	}

	private long[] copy(long[] column, int capacity) {
		return Arrays.copyOfRange(column, this.from, this.from + capacity);
	}

	private int find(long minTxid, long maxTxid) {
		int low = this.from;
		int high = this.to - 1;
		while (low <= high) {
			int middle = (low + high) >>> 1;
			int order = Long.compareUnsigned(this.min[middle], minTxid);
			if (order == 0) {
				order = Long.compareUnsigned(this.max[middle], maxTxid);
			}
			if (order == 0) {
				return middle;
			}
			if (order < 0) {
				low = middle + 1;
			}
			else {
				high = middle - 1;
			}
		}
		return -low - 1;
	}

	int count() {
		return this.to - this.from;
	}

	long bytes() {
		long bytes = 0;
		for (int at = this.from; at < this.to; at++) {
			bytes += this.size[at];
			if (bytes < 0) {
				return Long.MAX_VALUE;
			}
		}
		return bytes;
	}

	List<LtxFileInfo> files(int level) {
		List<LtxFileInfo> files = new ArrayList<>(count());
		for (int at = this.from; at < this.to; at++) {
			files.add(new LtxFileInfo(level, new Txid(this.min[at]), new Txid(this.max[at]), this.size[at],
					instant(this.created[at])));
		}
		return files;
	}

	/**
	 * When the newest file was created, or {@code null} if there is no file.
	 */
	@Nullable Instant newest() {
		return (count() > 0) ? instant(Arrays.stream(this.created, this.from, this.to).max().getAsLong()) : null;
	}

	private static Instant instant(long nanos) {
		return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
	}

}
