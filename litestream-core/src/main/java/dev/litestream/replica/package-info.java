/**
 * The destination of one database: the storage interface and the {@code file} replica.
 */
@NullMarked
package dev.litestream.replica;

import org.jspecify.annotations.NullMarked;
