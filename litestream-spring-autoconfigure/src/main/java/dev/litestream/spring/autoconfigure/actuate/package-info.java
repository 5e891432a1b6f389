/**
 * Auto-configuration of Litestream's endpoint and info contributor.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
