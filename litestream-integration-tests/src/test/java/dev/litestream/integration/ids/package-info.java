/**
 * Ids that Hibernate generates.
 */
@NullMarked
package dev.litestream.integration.ids;

import org.jspecify.annotations.NullMarked;
