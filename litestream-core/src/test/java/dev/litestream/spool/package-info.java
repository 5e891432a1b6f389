@NullMarked
package dev.litestream.spool;

import org.jspecify.annotations.NullMarked;
