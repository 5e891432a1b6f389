/**
 * Notes with MyBatis.
 */
@NullMarked
package dev.litestream.integration.mybatis;

import org.jspecify.annotations.NullMarked;
