/**
 * Tests of the NATS replica, on a real nats-server.
 */
@NullMarked
package dev.litestream.nats.connection;

import org.jspecify.annotations.NullMarked;
