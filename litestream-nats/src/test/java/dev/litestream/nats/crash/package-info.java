/**
 * Kills an application's JVM again and again and looks for what the replica had
 * acknowledged.
 */
@NullMarked
package dev.litestream.nats.crash;

import org.jspecify.annotations.NullMarked;
