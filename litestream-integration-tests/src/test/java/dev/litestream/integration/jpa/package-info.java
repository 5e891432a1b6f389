/**
 * Notes with Spring Data JPA and Hibernate.
 */
@NullMarked
package dev.litestream.integration.jpa;

import org.jspecify.annotations.NullMarked;
