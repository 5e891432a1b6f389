package dev.litestream.restore;

import java.io.IOException;

import dev.litestream.RestorePoint;
import org.jspecify.annotations.Nullable;

/**
 * The replica cannot restore the requested point, only others.
 */
public class RestorePointMissingException extends IOException {

	private static final long serialVersionUID = 1L;

	private final transient @Nullable RestorePoint before;

	private final transient @Nullable RestorePoint after;

	/**
	 * Reports a missing point.
	 * @param message which point and why, as a sentence without full stop
	 * @param before the nearest point before it, or {@code null} if there is none
	 * @param after the nearest point after it, or {@code null} if there is none
	 */
	public RestorePointMissingException(String message, @Nullable RestorePoint before, @Nullable RestorePoint after) {
		super(message + "; nearest before: " + ((before != null) ? before : "none") + ", nearest after: "
				+ ((after != null) ? after : "none"));
		this.before = before;
		this.after = after;
	}

	/**
	 * The nearest point before the requested one.
	 * @return the point, or {@code null} if there is none
	 */
	public @Nullable RestorePoint before() {
		return this.before;
	}

	/**
	 * The nearest point after the requested one.
	 * @return the point, or {@code null} if there is none
	 */
	public @Nullable RestorePoint after() {
		return this.after;
	}

}
