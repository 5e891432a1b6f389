/**
 * Measures this engine beside the {@code litestream} program, by outside means: a
 * subscriber sees objects arrive in the bucket, {@code /proc} says what processes cost,
 * the server counts requests.
 * <ul>
 * <li>{@link dev.litestream.benchmarks.Benchmarks}: the command; contestants take
 * turns.</li>
 * <li>{@code Measure}: what is measured, one class each.</li>
 * <li>{@code Scene}: one run of one contestant: a server, a bucket, an observer, a
 * database.</li>
 * <li>{@code Figure}, {@code Result}, {@code Report}, {@code BarChart}: what comes
 * out.</li>
 * <li>{@link dev.litestream.benchmarks.writer}: the application that writes, in a JVM of
 * its own.</li>
 * </ul>
 */
@NullMarked
package dev.litestream.benchmarks;

import org.jspecify.annotations.NullMarked;
