@NullMarked
package dev.litestream.replica;

import org.jspecify.annotations.NullMarked;
