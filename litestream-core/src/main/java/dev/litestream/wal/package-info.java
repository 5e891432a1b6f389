/**
 * Reads committed pages from a SQLite write-ahead log.
 */
@NullMarked
package dev.litestream.wal;

import org.jspecify.annotations.NullMarked;
