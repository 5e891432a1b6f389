package dev.litestream.spring.doctor;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What the {@link SqliteDoctor} has found.
 *
 * @param examinedAt when it looked
 * @param sqliteVersion the version of the SQLite library inside the driver
 * @param findings what it found, the worst first; empty if all is well
 */
public record SqliteReport(Instant examinedAt, String sqliteVersion, List<Finding> findings) {

	public SqliteReport {
		findings = findings.stream().sorted(Comparator.comparing(Finding::severity).reversed()).toList();
	}

}
