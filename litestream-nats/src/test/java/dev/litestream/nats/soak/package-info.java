/**
 * Lets an application run for minutes or hours while everything around it fails, and
 * restores it to random points all the time.
 */
@NullMarked
package dev.litestream.nats.soak;

import org.jspecify.annotations.NullMarked;
