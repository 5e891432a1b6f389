package dev.litestream.spring.actuate;

import java.util.Map;

import dev.litestream.spring.actuate.DatabaseDescriptor.DatabaseSummary;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The replicated databases.
 *
 * @param version the version of Litestream for the JVM, or {@code null} if unknown
 * @param sqliteVersion the version of SQLite, or {@code null} if unknown
 * @param databases by the name that selects them
 */
public record DatabasesDescriptor(@Nullable String version, @Nullable String sqliteVersion,
		Map<String, DatabaseSummary> databases) implements OperationResponseBody {

}
