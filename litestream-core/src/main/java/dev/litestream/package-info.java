/**
 * What an application touches: databases, their options, status and events.
 */
@NullMarked
package dev.litestream;

import org.jspecify.annotations.NullMarked;
