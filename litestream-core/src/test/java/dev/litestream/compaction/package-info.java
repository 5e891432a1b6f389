/**
 * Tests of compactions, snapshots and retention.
 */
@NullMarked
package dev.litestream.compaction;

import org.jspecify.annotations.NullMarked;
