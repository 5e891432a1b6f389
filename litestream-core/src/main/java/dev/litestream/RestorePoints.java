package dev.litestream;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The points that a replica can restore, by level: each is the end of a file that a
 * gapless chain of files reaches. Level 0 has one for each sync, but only of the last
 * minutes; each level above it has fewer and goes back further, and snapshots (level 9)
 * go back furthest. So the older a state is, the further the points around it lie apart.
 *
 * @param levels levels 0 to 9; a level without points is there too
 */
public record RestorePoints(List<Level> levels) {

	private static final Comparator<RestorePoint> ORDER = Comparator.comparing(RestorePoint::txid)
		.thenComparing(RestorePoint::timestamp);

	public RestorePoints {
		levels = List.copyOf(levels);
	}

	/**
	 * The points of all levels. Where several files end at one TXID, the earliest
	 * timestamp counts, which is that of the sync: a snapshot carries the time when it
	 * was taken.
	 * @return the points in ascending order, each TXID once
	 */
	public List<RestorePoint> all() {
		List<RestorePoint> sorted = new ArrayList<>();
		this.levels.forEach((level) -> sorted.addAll(level.points()));
		sorted.sort(ORDER);
		List<RestorePoint> all = new ArrayList<>();
		for (RestorePoint point : sorted) {
			if (all.isEmpty() || !all.get(all.size() - 1).txid().equals(point.txid())) {
				all.add(point);
			}
		}
		return List.copyOf(all);
	}

	/**
	 * The oldest point.
	 * @return the point, or {@code null} if nothing can be restored
	 */
	public @Nullable RestorePoint oldest() {
		List<RestorePoint> all = all();
		return all.isEmpty() ? null : all.get(0);
	}

	/**
	 * The newest point.
	 * @return the point, or {@code null} if nothing can be restored
	 */
	public @Nullable RestorePoint newest() {
		List<RestorePoint> all = all();
		return all.isEmpty() ? null : all.get(all.size() - 1);
	}

	/**
	 * The points at which the files of one level end.
	 *
	 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
	 * @param points in ascending order, each TXID once
	 */
	public record Level(int level, List<RestorePoint> points) {

		public Level {
			points = List.copyOf(points);
		}

	}

}
