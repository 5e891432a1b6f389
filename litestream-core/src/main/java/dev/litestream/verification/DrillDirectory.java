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
 * Where a verification puts its copy: {@code verification} in the directory of the spool,
 * for the owner only. What a killed process left there goes before the next verification
 * and at the next start. Not thread-safe.
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

	/**
	 * Creates the directory, empty.
	 * @throws IOException if it cannot be created or emptied
	 */
	void create() throws IOException {
		remove();
		DirectorySync.create(this.directory, PosixFilePermissions.fromString("rwx------"));
	}

	/**
	 * Removes the directory with all that is in it.
	 * @throws IOException if something cannot be removed
	 */
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
	 * Skips the verification if the disk would become too full for the application: the
	 * copy has to fit, and as much as a fifth of it has to stay free.
	 * @param databaseBytes size of the copy
	 * @throws SkippedException if there is too little space
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

	/**
	 * Whether the disk is full now.
	 * @return whether hardly anything more can be written
	 */
	boolean isFull() {
		return this.usableSpace.applyAsLong(this.directory) < 1 << 20;
	}

}
