package dev.litestream.spring.doctor;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

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

	/**
	 * The report as a block of lines for a log.
	 * @return the lines, without one at the end
	 */
	String toLog() {
		StringBuilder log = new StringBuilder(
				String.format(Locale.ROOT, "The SQLite doctor has found %d thing%s to look at:", this.findings.size(),
						(this.findings.size() == 1) ? "" : "s"));
		for (Finding finding : this.findings) {
			log.append(String.format(Locale.ROOT, "%n  %-7s %s (%s): %s%n          -> %s", finding.severity(),
					finding.id(), finding.subject(), finding.meaning(), finding.cure()));
		}
		return log.toString();
	}

	boolean isOnlyInformation() {
		return this.findings.stream().allMatch((finding) -> finding.severity() == Severity.INFO);
	}

}
