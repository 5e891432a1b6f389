package dev.litestream.replica;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.litestream.ltx.LtxFileInfo;

/**
 * Looks for files of Litestream 0.3 in a directory. Thread-safe.
 */
final class LegacyFiles {

	private final Path directory;

	LegacyFiles(Path directory) {
		this.directory = directory;
	}

	/**
	 * Throws a {@link ReplicaRefusedException} if the directory's newest files are those
	 * of Litestream 0.3. The LTX files are listed only if there are 0.3 files.
	 */
	void requireNewer(Listing listing) throws IOException {
		Path generations = this.directory.resolve(LegacyBackup.DIRECTORY);
		if (!Files.isDirectory(generations)) {
			return;
		}
		LegacyBackup legacy = new LegacyBackup("file://" + this.directory);
		try (Stream<Path> paths = Files.walk(generations)) {
			for (Path path : (Iterable<Path>) paths::iterator) {
				String name = this.directory.relativize(path).toString().replace('\\', '/');
				if (Files.isRegularFile(path) && LegacyBackup.isNameOf(name)) {
					legacy.add(name, Files.getLastModifiedTime(path).toInstant());
				}
			}
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
		if (legacy.isPresent()) {
			Instant newest = listing.list()
				.stream()
				.flatMap((level) -> level.files().stream())
				.map(LtxFileInfo::createdAt)
				.max(Comparator.naturalOrder())
				.orElse(null);
			legacy.requireOlderThan(newest);
		}
	}

	/** Lists all levels. */
	@FunctionalInterface
	interface Listing {

		List<LtxListing> list() throws IOException;

	}

}
