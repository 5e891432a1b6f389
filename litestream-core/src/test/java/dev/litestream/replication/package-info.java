@NullMarked
package dev.litestream.replication;

import org.jspecify.annotations.NullMarked;
