package dev.litestream.benchmarks;

/**
 * An object that has appeared in a bucket.
 *
 * @param micros when the observer got its metadata, in microseconds since the epoch
 * @param name the object's name
 * @param nuid the name of its chunks
 * @param chunks number of chunks
 * @param size in bytes
 */
record Arrival(long micros, String name, String nuid, long chunks, long size) {
}
