package dev.litestream.restore;

import java.nio.file.Path;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreTarget;

/**
 * Options of a restore.
 *
 * @param output the database file to write
 * @param target the point to restore
 * @param integrityCheck what to check before the file takes its name
 * @param overwrite whether an existing database is moved aside; otherwise it is refused
 */
public record RestoreOptions(Path output, RestoreTarget target, IntegrityCheck integrityCheck, boolean overwrite) {

	public static RestoreOptions latest(Path output) {
		return new RestoreOptions(output, RestoreTarget.LATEST, IntegrityCheck.QUICK, false);
	}

}
