package dev.litestream.verification;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.ToLongFunction;

import dev.litestream.replica.DirectorySync;
import org.jspecify.annotations.Nullable;

/**
 * The directory for a verification's copy: {@code verification} in the directory of the
 * spool, for the owner only. Leftovers of a killed process are removed before the next
 * verification and at the next start. Not thread-safe.
 */
final class DrillDirectory {

	private final Path directory;

	private final ToLongFunction<Path> usableSpace;

	DrillDirectory(Path metaPath) {
		this(metaPath, (path) -> path.toFile().getUsableSpace());
	}

	DrillDirectory(Path metaPath, ToLongFunction<Path> usableSpace) {
		this.directory = metaPath.resolve("verification");
		this.usableSpace = usableSpace;
	}

	Path file(String name) {
		return this.directory.resolve(name);
	}

	/** Creates the directory, empty. */
	void create() throws IOException {
		remove();
		DirectorySync.create(this.directory, PosixFilePermissions.fromString("rwx------"));
	}

	/** Removes the directory with everything in it. */
	void remove() throws IOException {
		if (!Files.exists(this.directory)) {
			return;
		}
		Files.walkFileTree(this.directory, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				Files.deleteIfExists(file);
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
				Files.deleteIfExists(visited);
				return FileVisitResult.CONTINUE;
			}

		});
	}

	/**
	 * Throws {@link SkippedException} if the disk would become too full for the
	 * application: the copy, of a size in bytes, has to fit, and a fifth of that has to
	 * stay free.
	 */
	void requireSpace(long databaseBytes) throws SkippedException {
		long needed = databaseBytes + databaseBytes / 5;
		long usable = this.usableSpace.applyAsLong(this.directory);
		if (usable < needed) {
			throw new SkippedException("The disk of " + this.directory + " has " + usable
					+ " bytes left, but a copy of the database needs " + needed
					+ ": free some, or set litestream.dbs[].meta-path to a larger disk");
		}
	}

	/** Whether the disk is full now: hardly anything more can be written. */
	boolean isFull() {
		return this.usableSpace.applyAsLong(this.directory) < 1 << 20;
	}

}
