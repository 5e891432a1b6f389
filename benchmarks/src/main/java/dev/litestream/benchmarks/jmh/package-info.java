/**
 * The hot paths alone, with JMH: {@code bin/benchmarks jmh}. What is measured through
 * package-private classes lies in their packages.
 */
@NullMarked
package dev.litestream.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
