package dev.litestream.spring.actuate;

import java.time.Instant;
import java.util.List;

import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The points that a replica can restore.
 *
 * @param oldest the oldest, or {@code null} if there is none
 * @param newest the newest, or {@code null} if there is none
 * @param levels the levels that have points, ascending
 */
public record RestorePointsDescriptor(@Nullable Point oldest, @Nullable Point newest,
		List<Level> levels) implements OperationResponseBody {

	static RestorePointsDescriptor of(RestorePoints points) {
		RestorePoint oldest = points.oldest();
		RestorePoint newest = points.newest();
		return new RestorePointsDescriptor((oldest != null) ? Point.of(oldest) : null,
				(newest != null) ? Point.of(newest) : null,
				points.levels()
					.stream()
					.filter((level) -> !level.points().isEmpty())
					.map((level) -> new Level(level.level(), level.points().stream().map(Point::of).toList()))
					.toList());
	}

	/**
	 * The points that the files of a level end at.
	 *
	 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
	 * @param points ascending
	 */
	public record Level(int level, List<Point> points) {

	}

	/**
	 * A point.
	 *
	 * @param txid the position
	 * @param timestamp when it was written
	 */
	public record Point(String txid, Instant timestamp) {

		static Point of(RestorePoint point) {
			return new Point(point.txid().toString(), point.timestamp());
		}

	}

}
