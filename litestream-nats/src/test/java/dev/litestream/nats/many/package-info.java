/**
 * What many databases in one JVM cost.
 */
@NullMarked
package dev.litestream.nats.many;

import org.jspecify.annotations.NullMarked;
