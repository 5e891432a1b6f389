/**
 * Auto-configuration of meters: under the names of Micrometer, and under those of the
 * original's Prometheus exporter.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
