/**
 * Auto-configuration of Litestream's health.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
