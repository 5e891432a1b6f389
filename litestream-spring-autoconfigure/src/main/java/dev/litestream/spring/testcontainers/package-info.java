/**
 * NATS from Testcontainers.
 */
@NullMarked
package dev.litestream.spring.testcontainers;

import org.jspecify.annotations.NullMarked;
