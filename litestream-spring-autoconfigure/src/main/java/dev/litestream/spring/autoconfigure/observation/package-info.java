/**
 * Auto-configuration of Litestream's observations.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
