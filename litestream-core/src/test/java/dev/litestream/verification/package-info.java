@NullMarked
package dev.litestream.verification;

import org.jspecify.annotations.NullMarked;
