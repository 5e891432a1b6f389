@NullMarked
package dev.litestream.continuity;

import org.jspecify.annotations.NullMarked;
