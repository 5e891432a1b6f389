/**
 * Assembles the parts and owns their life cycle.
 */
@NullMarked
package dev.litestream.engine;

import org.jspecify.annotations.NullMarked;
