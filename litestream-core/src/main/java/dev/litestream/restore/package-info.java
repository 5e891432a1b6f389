/**
 * From the replica back to a database file.
 *
 * <h2>A restore, to the file</h2>
 * <ol>
 * <li>On the caller's thread: {@link dev.litestream.restore.Restorer} takes the complete
 * listing of all levels (law 6).</li>
 * <li>{@link dev.litestream.restore.RestorePlanner} makes the
 * {@link dev.litestream.restore.RestorePlan}: the newest snapshot, then the files that
 * continue it without a gap.</li>
 * <li>{@code ReadAhead} opens several files at the same time, each on a thread of the
 * restore; on the caller's thread {@code ImageBuild} takes their pages, newest file
 * first, and writes each page the first time that it occurs.</li>
 * <li>Each file is read to its verified end. {@code ImageCheck} lets SQLite check the
 * whole image and sorts its complaints ({@code Findings}): damage is refused, findings
 * about content are warnings.</li>
 * <li>{@code RestoreOutput} forces the image to disk and gives it the database's name, in
 * one step (law 8).</li>
 * </ol>
 * At start-up, {@code StartupRestore} of the engine does this before anybody opens the
 * database, and leaves the hashes of the restored pages for the first sync.
 */
@NullMarked
package dev.litestream.restore;

import org.jspecify.annotations.NullMarked;
