@NullMarked
package dev.litestream.restore;

import org.jspecify.annotations.NullMarked;
