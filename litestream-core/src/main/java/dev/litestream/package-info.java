/**
 * The API for applications: databases, their options, status and events.
 */
@NullMarked
package dev.litestream;

import org.jspecify.annotations.NullMarked;
