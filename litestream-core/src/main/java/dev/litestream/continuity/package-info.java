/**
 * Does this history go on? For the engine, not for applications.
 * <ol>
 * <li>{@link dev.litestream.continuity.LastStop} examines the WAL before anybody opens
 * the database.</li>
 * <li>{@link dev.litestream.continuity.Investigation} gathers the
 * {@link dev.litestream.continuity.Evidence}: from the replica, the files kept here, the
 * WAL ({@link dev.litestream.continuity.Continuity}) and the notes beside the spool.</li>
 * <li>{@link dev.litestream.continuity.Decision} follows from it: go on, resync, or
 * refuse. A pure function, tested for every combination.</li>
 * <li>For a resync, {@link dev.litestream.continuity.Preparation} brings the page hashes
 * to its base ({@link dev.litestream.continuity.KnownPages},
 * {@link dev.litestream.continuity.PageHashes}), and
 * {@link dev.litestream.continuity.SameDatabase} judges the database before anything is
 * shipped. {@link dev.litestream.continuity.Mismatch} says what is wrong and what to
 * do.</li>
 * </ol>
 * A restore leaves {@link dev.litestream.continuity.RestoredState} for the first sync
 * after it.
 */
@NullMarked
package dev.litestream.continuity;

import org.jspecify.annotations.NullMarked;
