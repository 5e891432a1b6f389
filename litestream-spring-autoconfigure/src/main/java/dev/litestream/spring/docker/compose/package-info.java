/**
 * Connects Litestream to a NATS service of Docker Compose.
 */
@NullMarked
package dev.litestream.spring.docker.compose;

import org.jspecify.annotations.NullMarked;
