/**
 * The actuator endpoint {@code litestream}:
 * {@link dev.litestream.spring.actuate.LitestreamEndpoint} has the operations and their
 * descriptors, {@code DatabaseOperations} runs the write operations,
 * {@code RestoreDirectory} and {@code VerificationLimit} bound them,
 * {@link dev.litestream.spring.actuate.LitestreamEndpointWebExtension} chooses the HTTP
 * status. {@link dev.litestream.spring.actuate.LitestreamSanitizingFunction} keeps
 * secrets out of other endpoints.
 */
@NullMarked
package dev.litestream.spring.actuate;

import org.jspecify.annotations.NullMarked;
