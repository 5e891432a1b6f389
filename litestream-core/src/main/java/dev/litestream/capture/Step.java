package dev.litestream.capture;

import dev.litestream.ResyncReason;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * The files that one step of a {@link Sync} wrote.
 *
 * @param file the LTX file
 * @param snapshot the snapshot of the same position, or {@code null} if there is none
 * @param resync the reason if it is a resync, or {@code null}
 * @param shipped the pages that a resync shipped, or {@code null} if it is not one
 * @param walBytes bytes of the WAL that it covers
 * @param limited whether more may follow immediately
 */
public record Step(SpoolFile file, @Nullable SpoolFile snapshot, @Nullable ResyncReason resync,
		@Nullable Shipped shipped, long walBytes, boolean limited) {

	/**
	 * The pages that a resync shipped.
	 *
	 * @param pages pages in its LTX file
	 * @param of pages of the database
	 */
	public record Shipped(long pages, long of) {

	}

}
