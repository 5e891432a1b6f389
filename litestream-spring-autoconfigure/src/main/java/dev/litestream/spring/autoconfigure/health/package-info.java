/**
 * Auto-configuration of the health contributor.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
