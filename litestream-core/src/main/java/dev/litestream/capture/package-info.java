/**
 * From the WAL to an LTX file in the spool, under a lock that makes it safe. For the
 * engine, not for applications.
 * <ol>
 * <li>A commit is signalled: {@link dev.litestream.capture.CommitSignals}.</li>
 * <li>{@link dev.litestream.capture.OpenDatabase#step} takes a step of
 * {@link dev.litestream.capture.Sync}, which owns the position in the WAL and the read
 * lock behind which no frame vanishes. {@code LiveWal} makes sure that what is read is
 * the WAL that SQLite has open.</li>
 * <li>How the history goes on is its {@code Continuation}: the commits behind the
 * position become one file, or, if continuity is not proved, an image of the
 * difference.</li>
 * <li>It is stored in the spool and given to the
 * {@link dev.litestream.capture.Outlet}.</li>
 * <li>{@link dev.litestream.capture.Checkpointer} keeps the WAL short: it takes the next
 * lock, syncs to the end, and only then lets the old one go (law 2).</li>
 * </ol>
 */
@NullMarked
package dev.litestream.capture;

import org.jspecify.annotations.NullMarked;
