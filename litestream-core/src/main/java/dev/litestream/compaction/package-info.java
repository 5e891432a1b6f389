/**
 * What becomes of a replica's files as they age: compactions, snapshots, retention. All
 * of it works on the replica alone, on files that are there, and never on the database.
 */
@NullMarked
package dev.litestream.compaction;

import org.jspecify.annotations.NullMarked;
