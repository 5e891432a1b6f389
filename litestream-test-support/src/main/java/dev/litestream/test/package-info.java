/**
 * What the tests of all modules share: a real nats-server, the real {@code litestream}
 * program as the oracle, random SQLite work, and a look at the process's POSIX locks.
 */
@NullMarked
package dev.litestream.test;

import org.jspecify.annotations.NullMarked;
