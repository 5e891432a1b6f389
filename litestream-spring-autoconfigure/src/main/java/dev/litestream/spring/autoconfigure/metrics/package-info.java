/**
 * Auto-configuration of Litestream's metrics.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
