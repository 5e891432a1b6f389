/**
 * Auto-configuration of observations of long operations.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
