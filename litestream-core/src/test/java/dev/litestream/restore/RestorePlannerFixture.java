package dev.litestream.restore;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import dev.litestream.RestorePoint;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Listings to plan restores from.
 */
abstract class RestorePlannerFixture {

	static final Instant EPOCH = Instant.parse("2026-08-19T12:00:00Z");

	final List<LtxFileInfo> files = new ArrayList<>();

	/** Listed files that turned out to be unreadable. */
	final List<LtxFileInfo> unreadable = new ArrayList<>();

	boolean allReadable;

	static Consumer<@Nullable RestorePoint> isAt(@Nullable Integer end) {
		return (point) -> assertThat((point != null) ? (Integer) (int) point.txid().value() : null).isEqualTo(end);
	}

	boolean readable(LtxFileInfo file) {
		return this.allReadable || (file.size() >= 100 && !this.unreadable.contains(file));
	}

	static int first(LtxFileInfo file) {
		return (int) file.minTxid().value();
	}

	static int last(LtxFileInfo file) {
		return (int) file.maxTxid().value();
	}

	void range(int level, int... ranges) {
		for (int i = 0; i < ranges.length; i += 2) {
			add(level, ranges[i], ranges[i + 1], 1000, ranges[i + 1]);
		}
	}

	void add(int level, int min, int max, long size, int second) {
		this.files.add(new LtxFileInfo(level, txid(min), txid(max), size, at(second)));
	}

	RestorePlan plan(RestoreTarget target) throws IOException {
		return planner(this.unreadable).plan(target);
	}

	RestorePlanner planner(List<LtxFileInfo> unreadable) {
		List<LtxListing> levels = IntStream.range(0, ReplicaClient.LEVELS)
			.mapToObj((level) -> new LtxListing(this.files.stream().filter((file) -> file.level() == level).toList()))
			.toList();
		return new RestorePlanner("file:///backup", levels, unreadable);
	}

	List<String> names(RestoreTarget target) throws IOException {
		return plan(target).files().stream().map(RestorePlannerTests::name).toList();
	}

	static String name(LtxFileInfo file) {
		return file.level() + "/" + file.minTxid().value() + "-" + file.maxTxid().value();
	}

	static @Nullable RestorePoint point(@Nullable Integer txid) {
		return (txid != null) ? new RestorePoint(txid(txid), at(txid)) : null;
	}

	static Txid txid(long value) {
		return new Txid(value);
	}

	static Instant at(int second) {
		return EPOCH.plusSeconds(second);
	}

}
