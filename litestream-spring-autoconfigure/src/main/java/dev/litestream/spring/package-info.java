/**
 * Litestream in a Spring application: DataSource integration, life cycle, health,
 * metrics.
 */
@NullMarked
package dev.litestream.spring;

import org.jspecify.annotations.NullMarked;
