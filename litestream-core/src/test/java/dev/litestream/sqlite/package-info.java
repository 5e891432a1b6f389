@NullMarked
package dev.litestream.sqlite;

import org.jspecify.annotations.NullMarked;
