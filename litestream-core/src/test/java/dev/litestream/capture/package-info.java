@NullMarked
package dev.litestream.capture;

import org.jspecify.annotations.NullMarked;
