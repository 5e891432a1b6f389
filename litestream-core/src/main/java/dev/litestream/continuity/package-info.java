/**
 * Does this history go on? For the engine, not for applications.
 * <ol>
 * <li>{@link dev.litestream.continuity.LastStop} looks at the WAL before anybody opens
 * the database.</li>
 * <li>{@link dev.litestream.continuity.Investigation} gathers the
 * {@link dev.litestream.continuity.Evidence}: what the replica holds, what is kept here,
 * what the WAL shows ({@link dev.litestream.continuity.Continuity}), what is
 * remembered.</li>
 * <li>{@link dev.litestream.continuity.Decision} is made of it: go on, resync, or refuse.
 * A pure function, tested for every combination.</li>
 * <li>For a resync, {@link dev.litestream.continuity.Preparation} brings the page hashes
 * to its base ({@link dev.litestream.continuity.KnownPages},
 * {@link dev.litestream.continuity.PageHashes}), and
 * {@link dev.litestream.continuity.SameDatabase} judges the database before anything is
 * shipped. {@link dev.litestream.continuity.Mismatch} says what is wrong and what to
 * do.</li>
 * </ol>
 * A restore leaves what the first sync after it goes by in
 * {@link dev.litestream.continuity.RestoredState}.
 */
@NullMarked
package dev.litestream.continuity;

import org.jspecify.annotations.NullMarked;
