/**
 * Notes with Spring's JdbcClient.
 */
@NullMarked
package dev.litestream.integration.jdbcclient;

import org.jspecify.annotations.NullMarked;
