/**
 * A replicated database for the tests of a Spring Boot application.
 */
@NullMarked
package dev.litestream.spring.test;

import org.jspecify.annotations.NullMarked;
