package dev.litestream.restore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the files that restore a target, over all levels together: it starts at the
 * beginning and always takes the file that continues the chain so far and reaches
 * furthest. A file that starts at TXID 1 holds the whole database, so the first choice is
 * the newest snapshot or a compaction that reaches further. As any continuation of a
 * shorter chain also continues a longer one, this reaches the furthest position that the
 * files can reach, with the fewest files.
 *
 * <p>
 * A file may overlap the position so far: its pages are newer. A file that goes beyond
 * the target is of no use, because positions inside it are lost: that is why only some
 * points can be restored. Times are the files' own; a file counts for an instant if it
 * was created strictly before it, as in Litestream.
 *
 * <p>
 * Files that cannot be read are left out, but never silently: if the latest state or an
 * instant lies behind them, there is a {@link BackupGapException}. Immutable.
 */
public final class RestorePlanner {

	/**
	 * Of files that reach equally far, the smaller one, then the one that repeats less.
	 */
	private static final Comparator<LtxFileInfo> BETTER = Comparator.comparing(LtxFileInfo::maxTxid)
		.thenComparing(LtxFileInfo::size, Comparator.reverseOrder())
		.thenComparing(LtxFileInfo::minTxid)
		.thenComparing(LtxFileInfo::level);

	private final String location;

	/** All files of the replica, by first TXID. */
	private final List<LtxFileInfo> listed;

	private final Set<LtxFileInfo> unreadable;

	/**
	 * Creates a planner.
	 * @param location the replica's location, for messages
	 * @param levels all levels' listings
	 * @param unreadable listed files that turned out to be unreadable
	 */
	public RestorePlanner(String location, List<LtxListing> levels, Collection<LtxFileInfo> unreadable) {
		this.location = location;
		this.listed = levels.stream()
			.flatMap((listing) -> listing.files().stream())
			.sorted(Comparator.comparing(LtxFileInfo::minTxid))
			.toList();
		this.unreadable = new HashSet<>(unreadable);
		for (LtxFileInfo file : this.listed) {
			if (file.size() < LtxFormat.HEADER_SIZE) {
				this.unreadable.add(file);
			}
		}
	}

	/**
	 * Chooses the files.
	 * @param target the point to reach
	 * @return the plan
	 * @throws NoBackupException if the replica holds no file at all
	 * @throws RestorePointMissingException if the target is none of the points that can
	 * be restored
	 * @throws BackupGapException if files are missing or unreadable on the way
	 */
	public RestorePlan plan(RestoreTarget target) throws IOException {
		if (this.listed.isEmpty()) {
			throw new NoBackupException(this.location);
		}
		List<LtxFileInfo> files = extend((file) -> isReadable(file) && counts(file, target));
		if (target.txid() != null) {
			return reached(target.txid(), files);
		}
		Txid end = end(files);
		checkForGap(end, target);
		if (files.isEmpty()) {
			throw new RestorePointMissingException(
					"The replica " + this.location + " holds no state from " + target.toString(), null,
					nextAfter(Txid.ZERO, Txid.ZERO));
		}
		return new RestorePlan(files);
	}

	/**
	 * All points that can be restored exactly.
	 * @return the points, none if there is no chain from the first TXID on
	 */
	public RestorePoints points() {
		List<LtxFileInfo> byEnd = new ArrayList<>(this.listed);
		byEnd.sort(Comparator.comparing(LtxFileInfo::maxTxid));
		// A file is the end of a chain if another chain ends inside it or right before
		// it. Only the chain that reaches furthest before the file's end has to be
		// checked.
		TreeSet<Txid> ends = new TreeSet<>(List.of(Txid.ZERO));
		List<TreeMap<Txid, RestorePoint>> levels = new ArrayList<>();
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			levels.add(new TreeMap<>());
		}
		for (LtxFileInfo file : byEnd) {
			if (isReadable(file) && continues(file, ends.lower(file.maxTxid()))) {
				ends.add(file.maxTxid());
				levels.get(file.level())
					.merge(file.maxTxid(), new RestorePoint(file.maxTxid(), file.createdAt()),
							(a, b) -> b.timestamp().isBefore(a.timestamp()) ? b : a);
			}
		}
		List<RestorePoints.Level> points = new ArrayList<>();
		for (int level = 0; level < levels.size(); level++) {
			points.add(new RestorePoints.Level(level, List.copyOf(levels.get(level).values())));
		}
		return new RestorePoints(points);
	}

	private static boolean counts(LtxFileInfo file, RestoreTarget target) {
		return (target.txid() == null || !file.maxTxid().isAfter(target.txid()))
				&& (target.before() == null || file.createdAt().isBefore(target.before()));
	}

	private RestorePlan reached(Txid txid, List<LtxFileInfo> files) throws RestorePointMissingException {
		RestorePlan plan = files.isEmpty() ? null : new RestorePlan(files);
		if (plan != null && plan.txid().equals(txid)) {
			return plan;
		}
		Txid end = (plan != null) ? plan.txid() : Txid.ZERO;
		throw new RestorePointMissingException("The replica " + this.location + " cannot restore TXID " + txid
				+ " exactly" + unreadableOnTheWay(end, txid), (plan != null) ? plan.point() : null,
				nextAfter(txid, end));
	}

	private List<LtxFileInfo> extend(Predicate<LtxFileInfo> eligible) {
		List<LtxFileInfo> chosen = new ArrayList<>();
		Txid end = Txid.ZERO;
		LtxFileInfo best = null;
		for (int i = 0; i <= this.listed.size(); i++) {
			LtxFileInfo file = (i < this.listed.size()) ? this.listed.get(i) : null;
			if (best != null && (file == null || !continues(file, end))) {
				chosen.add(best);
				end = best.maxTxid();
				best = null;
			}
			if (file == null || !continues(file, end)) {
				break;
			}
			if (file.maxTxid().isAfter(end) && eligible.test(file)
					&& (best == null || BETTER.compare(best, file) < 0)) {
				best = file;
			}
		}
		return chosen;
	}

	/** Whether a file starts at or before the position after the given one. */
	private static boolean continues(LtxFileInfo file, Txid end) {
		return !file.minTxid().previous().isAfter(end);
	}

	private boolean isReadable(LtxFileInfo file) {
		return !this.unreadable.contains(file);
	}

	private static Txid end(List<LtxFileInfo> files) {
		return files.isEmpty() ? Txid.ZERO : files.get(files.size() - 1).maxTxid();
	}

	/**
	 * Refuses a plan if unreadable files would lead further, or if a file that counts for
	 * the target cannot be joined to it. There is no gap if a file that does not count
	 * holds the missing part: then the instant lies inside a compacted file, and the end
	 * is the last point before it.
	 */
	private void checkForGap(Txid end, RestoreTarget target) throws BackupGapException {
		Txid goal = end(extend((file) -> counts(file, target)));
		if (goal.isAfter(end)) {
			throw gap(end, "TXID " + goal + " is in no file that can be read" + unreadableOnTheWay(end, goal));
		}
		for (LtxFileInfo file : this.listed) {
			if (counts(file, target) && file.maxTxid().isAfter(end) && !isHeldAfter(end)) {
				throw gap(end, "the next file starts at " + file.minTxid() + unreadableOnTheWay(end, file.minTxid()));
			}
		}
	}

	private boolean isHeldAfter(Txid end) {
		return this.listed.stream().anyMatch((file) -> continues(file, end) && file.maxTxid().isAfter(end));
	}

	private BackupGapException gap(Txid end, String next) {
		return new BackupGapException("The backup in " + this.location + " has a gap: "
				+ (end.isZero() ? "nothing starts at TXID " + Txid.FIRST : "have up to " + end) + ", " + next
				+ (end.isZero() ? "" : "; the state before the gap can be restored as TXID " + end));
	}

	private String unreadableOnTheWay(Txid end, Txid goal) {
		List<String> names = this.listed.stream()
			.filter((file) -> !isReadable(file) && file.maxTxid().isAfter(end) && !file.minTxid().isAfter(goal))
			.map((file) -> file.level() + "/" + file.fileName() + " (" + file.size() + " bytes)")
			.toList();
		return names.isEmpty() ? "" : "; unreadable: " + String.join(", ", names);
	}

	/** The nearest point after a position that cannot be restored itself. */
	private @Nullable RestorePoint nextAfter(Txid txid, Txid end) {
		return this.listed.stream()
			.filter((file) -> isReadable(file) && continues(file, end) && file.maxTxid().isAfter(txid))
			.min(Comparator.comparing(LtxFileInfo::maxTxid).thenComparing(LtxFileInfo::createdAt))
			.map((file) -> new RestorePoint(file.maxTxid(), file.createdAt()))
			.orElse(null);
	}

}
