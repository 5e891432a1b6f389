/**
 * The LTX file format: reader, writer, page index, checksum, names, merge.
 */
@NullMarked
package dev.litestream.ltx;

import org.jspecify.annotations.NullMarked;
