package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The result of a restore.
 *
 * @param path the database file written
 * @param txid the position restored
 * @param timestamp when that position was written
 * @param pageSize the page size, in bytes
 * @param pages the size of the database, in pages
 * @param files how many LTX files were read
 * @param bytesRead how many bytes they hold
 * @param took how long it took
 * @param checked the check that SQLite ran on the database and that found it undamaged
 * @param notCheckable why that is less than was asked for, in SQLite's words: the check
 * needs something that only the application defines (a collation, a function);
 * {@code null} if the whole check ran
 * @param findings complaints of SQLite, in its words, that are not damage: content that
 * the application wrote this way (an index of a virtual table, a NULL or a type that the
 * schema no longer allows); empty if there are none
 */
public record RestoreResult(Path path, Txid txid, Instant timestamp, int pageSize, long pages, int files,
		long bytesRead, Duration took, IntegrityCheck checked, @Nullable String notCheckable, List<String> findings) {

	/**
	 * Keeps a copy of the findings.
	 */
	public RestoreResult {
		findings = List.copyOf(findings);
	}

}
