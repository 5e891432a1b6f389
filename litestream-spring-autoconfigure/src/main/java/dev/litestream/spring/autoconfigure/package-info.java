/**
 * Auto-configuration of Litestream.
 */
@NullMarked
package dev.litestream.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
