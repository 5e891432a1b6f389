package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a restore did.
 *
 * @param path the database file written
 * @param txid the position restored
 * @param timestamp when that position was written
 * @param pageSize the page size, in bytes
 * @param pages the size of the database, in pages
 * @param files how many LTX files were read
 * @param bytesRead how many bytes they hold
 * @param took how long it took
 * @param checked the check that SQLite ran on the database, and that found it undamaged
 * @param notCheckable why that is less than was asked for: what only the application
 * defines (a collation, a function) and the check would need, in SQLite's words;
 * {@code null} if it is all that was asked for
 * @param findings what SQLite complains about all the same, in its words: content that
 * the database has had before, of which the application is master (an index of a virtual
 * table, a NULL or a type that the schema does not allow any more); empty if nothing
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
