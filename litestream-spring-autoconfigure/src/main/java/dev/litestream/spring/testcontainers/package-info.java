/**
 * Connects Litestream to a NATS container of Testcontainers by
 * {@code @ServiceConnection}.
 */
@NullMarked
package dev.litestream.spring.testcontainers;

import org.jspecify.annotations.NullMarked;
