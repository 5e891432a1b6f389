/**
 * Compactions, snapshots and retention: the work on a replica's files as they age. All of
 * it works only on files in the replica, never on the database.
 */
@NullMarked
package dev.litestream.compaction;

import org.jspecify.annotations.NullMarked;
