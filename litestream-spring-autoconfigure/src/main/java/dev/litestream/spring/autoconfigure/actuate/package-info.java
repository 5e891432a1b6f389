/**
 * Auto-configuration of the actuator endpoint, of what {@code /actuator/info} shows, and
 * of the sanitizing of secrets.
 */
@NullMarked
package dev.litestream.spring.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
