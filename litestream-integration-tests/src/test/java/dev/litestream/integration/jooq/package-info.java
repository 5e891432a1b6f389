/**
 * Notes with jOOQ.
 */
@NullMarked
package dev.litestream.integration.jooq;

import org.jspecify.annotations.NullMarked;
