/**
 * From the replica to a database file: planner and restorer.
 */
@NullMarked
package dev.litestream.restore;

import org.jspecify.annotations.NullMarked;
