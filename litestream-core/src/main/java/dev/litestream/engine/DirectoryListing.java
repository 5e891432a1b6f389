package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import dev.litestream.DirectoryOptions;
import org.jspecify.annotations.Nullable;

/**
 * The files in a directory whose names match. A directory is read again only if its
 * modification time shows that an entry came or went, or a minute has passed: looking
 * costs one call for each directory, not for each file, and needs neither a thread nor
 * file watches of the kernel. Opens no file. Not thread-safe.
 */
final class DirectoryListing {

	private static final List<String> BESIDE_DATABASES = List.of("-wal", "-shm", "-journal");

	/** A file system with a coarse clock may give two changes the same time. */
	private static final long COARSE_MILLIS = 2100;

	/** How late a file is found if modification times do not show it. */
	private static final long READ_ANYWAY = TimeUnit.MINUTES.toNanos(1);

	private final Path root;

	private final boolean recursive;

	private final PathMatcher matcher;

	private final LongSupplier millis;

	private final LongSupplier nanos;

	private Map<Path, Content> directories = new HashMap<>();

	DirectoryListing(DirectoryOptions options) {
		this(options, System::currentTimeMillis, System::nanoTime);
	}

	DirectoryListing(DirectoryOptions options, LongSupplier millis, LongSupplier nanos) {
		this.root = options.directory();
		this.recursive = options.recursive();
		this.matcher = options.matcher();
		this.millis = millis;
		this.nanos = nanos;
	}

	/**
	 * Looks again. Returns whether a directory was read: then the files may have changed.
	 * If a directory cannot be read, the files stay as they were.
	 */
	boolean refresh() throws IOException {
		Map<Path, Content> found = new HashMap<>();
		boolean read = false;
		Deque<Path> todo = new ArrayDeque<>(List.of(this.root));
		while (!todo.isEmpty()) {
			Path directory = todo.pop();
			Content known = this.directories.get(directory);
			Content content;
			try {
				content = isCurrent(known, directory) ? known : read(directory);
			}
			catch (NoSuchFileException | NotDirectoryException ex) {
				// Removed, or replaced by a file: it has no entries any more.
				read = true;
				continue;
			}
			read |= (content != known);
			if (content != null) {
				found.put(directory, content);
				todo.addAll(content.directories());
			}
		}
		this.directories = found;
		return read;
	}

	private boolean isCurrent(@Nullable Content known, Path directory) throws IOException {
		return known != null && known.settled() && this.nanos.getAsLong() - known.readAt() < READ_ANYWAY
				&& modified(directory).equals(known.modified());
	}

	private Content read(Path directory) throws IOException {
		// Taken before the directory is read: an entry that appears meanwhile is found
		// the next time at the latest.
		FileTime modified = modified(directory);
		long now = this.millis.getAsLong();
		boolean settled = modified.toMillis() < now - COARSE_MILLIS;
		Set<Path> files = new HashSet<>();
		List<Path> directories = new ArrayList<>();
		try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
			for (Path entry : entries) {
				String name = entry.getFileName().toString();
				if (isBesideDatabase(name)) {
					continue;
				}
				if (this.recursive && !name.startsWith(".") && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
					directories.add(entry);
				}
				else if (this.matcher.matches(entry.getFileName())) {
					files.add(entry);
				}
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		return new Content(modified, settled, this.nanos.getAsLong(), files, directories);
	}

	private static boolean isBesideDatabase(String name) {
		return BESIDE_DATABASES.stream().anyMatch(name::endsWith);
	}

	private static FileTime modified(Path directory) throws IOException {
		return Files.readAttributes(directory, BasicFileAttributes.class).lastModifiedTime();
	}

	/**
	 * The files whose names match, as they were last found, of any type.
	 */
	Set<Path> files() {
		Set<Path> files = new HashSet<>();
		this.directories.values().stream().map(Content::files).forEach(files::addAll);
		return files;
	}

	/** The content of a directory when it was read. */
	private record Content(FileTime modified, boolean settled, long readAt, Set<Path> files,
			Collection<Path> directories) {

	}

}
