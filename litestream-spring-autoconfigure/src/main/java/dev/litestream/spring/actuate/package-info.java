/**
 * The actuator endpoint and the info contributor of Litestream.
 */
@NullMarked
package dev.litestream.spring.actuate;

import org.jspecify.annotations.NullMarked;
