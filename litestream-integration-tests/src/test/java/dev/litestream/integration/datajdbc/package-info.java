/**
 * Notes with Spring Data JDBC.
 */
@NullMarked
package dev.litestream.integration.datajdbc;

import org.jspecify.annotations.NullMarked;
