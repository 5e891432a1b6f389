/**
 * A small coffee shop: its orders, and a page that shows how they are replicated.
 */
@NullMarked
package dev.litestream.sample;

import org.jspecify.annotations.NullMarked;
