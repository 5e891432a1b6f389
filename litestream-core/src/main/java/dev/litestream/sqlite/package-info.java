/**
 * SQLite inside this JVM: the database file, locks, checkpoints, commit signals.
 */
@NullMarked
package dev.litestream.sqlite;

import org.jspecify.annotations.NullMarked;
