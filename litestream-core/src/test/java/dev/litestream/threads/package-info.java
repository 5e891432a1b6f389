@NullMarked
package dev.litestream.threads;

import org.jspecify.annotations.NullMarked;
