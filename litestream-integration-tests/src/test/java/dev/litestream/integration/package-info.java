/**
 * Whole applications on a replicated database, with what they put on top of it.
 */
@NullMarked
package dev.litestream.integration;

import org.jspecify.annotations.NullMarked;
