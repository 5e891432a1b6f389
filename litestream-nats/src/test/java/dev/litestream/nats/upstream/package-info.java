/**
 * What the original is tested with, run against this engine.
 */
@NullMarked
package dev.litestream.nats.upstream;

import org.jspecify.annotations.NullMarked;
