/**
 * From the WAL to the replica: sync, spool, upload, resync.
 */
@NullMarked
package dev.litestream.replication;

import org.jspecify.annotations.NullMarked;
