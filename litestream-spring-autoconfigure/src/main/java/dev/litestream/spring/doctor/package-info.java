/**
 * The SQLite doctor: finds what goes wrong when SQLite is used in a Spring application.
 * {@link dev.litestream.spring.doctor.SqliteDoctor} runs {@code DriverChecks},
 * {@code ConnectionChecks}, {@code StorageCheck} and {@code UseChecks} on the
 * {@code KnownDataSources}.
 */
@NullMarked
package dev.litestream.spring.doctor;

import org.jspecify.annotations.NullMarked;
