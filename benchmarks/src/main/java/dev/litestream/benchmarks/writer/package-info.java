/**
 * The workload: a plain Spring Boot application on SQLite, with the starter on its class
 * path and nothing else of this project. It knows nothing of who replicates it.
 */
@NullMarked
package dev.litestream.benchmarks.writer;

import org.jspecify.annotations.NullMarked;
