/**
 * Application events of replication.
 */
@NullMarked
package dev.litestream.spring.event;

import org.jspecify.annotations.NullMarked;
