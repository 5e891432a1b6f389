/**
 * The compatibility promise, tested with the real litestream program on a real
 * nats-server: what one of the two writes, the other restores to the byte and continues.
 */
@NullMarked
package dev.litestream.nats.interop;

import org.jspecify.annotations.NullMarked;
