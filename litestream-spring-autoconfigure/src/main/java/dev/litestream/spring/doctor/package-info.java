/**
 * The SQLite doctor: what bites those who use SQLite in a Spring application.
 */
@NullMarked
package dev.litestream.spring.doctor;

import org.jspecify.annotations.NullMarked;
