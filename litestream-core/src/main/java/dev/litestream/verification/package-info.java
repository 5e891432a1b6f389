/**
 * Proves that a backup can be restored: restores it to a temporary file, checks it, and
 * compares it with the live database.
 */
@NullMarked
package dev.litestream.verification;

import org.jspecify.annotations.NullMarked;
