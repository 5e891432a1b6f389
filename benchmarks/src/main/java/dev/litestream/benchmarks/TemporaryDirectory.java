package dev.litestream.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.springframework.util.FileSystemUtils;

/**
 * A directory that is deleted with all that is in it.
 *
 * @param path where it is
 */
record TemporaryDirectory(Path path) implements AutoCloseable {

	static TemporaryDirectory create() {
		try {
			return new TemporaryDirectory(Files.createTempDirectory("litestream-benchmarks-"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() throws IOException {
		FileSystemUtils.deleteRecursively(this.path);
	}

}
