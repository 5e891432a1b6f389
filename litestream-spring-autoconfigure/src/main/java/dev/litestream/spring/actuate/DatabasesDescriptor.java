package dev.litestream.spring.actuate;

import java.util.Map;

import dev.litestream.spring.actuate.DatabaseDescriptor.DatabaseSummary;
import dev.litestream.spring.doctor.SqliteReport;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The replicated databases.
 *
 * @param version the version of Litestream for the JVM, or {@code null} if unknown
 * @param sqliteVersion the version of SQLite, or {@code null} if unknown
 * @param databases by the name that selects them
 * @param doctor what the SQLite doctor found the last time it looked, or {@code null} if
 * it has not
 */
public record DatabasesDescriptor(@Nullable String version, @Nullable String sqliteVersion,
		Map<String, DatabaseSummary> databases, @Nullable SqliteReport doctor) implements OperationResponseBody {

}
