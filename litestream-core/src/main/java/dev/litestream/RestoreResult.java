package dev.litestream;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

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
 */
public record RestoreResult(Path path, Txid txid, Instant timestamp, int pageSize, long pages, int files,
		long bytesRead, Duration took) {

}
