package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;

/**
 * A file that a property names: a path, or a location of Spring, {@code file:} or
 * {@code classpath:}. What lies in a jar is copied once to a temporary file that only
 * this user can read. No message repeats the value, as a secret may stand where a file
 * should.
 */
final class ConfiguredFile {

	private static final String FILE = "file:";

	/**
	 * Copies by their URLs; the same file for each replica, so that they can share a
	 * connection.
	 */
	private static final Map<String, Path> copies = new ConcurrentHashMap<>();

	private ConfiguredFile() {
	}

	/** The file on this machine. A file that is named by its path need not exist. */
	static Path of(PropertyKey key, String value) {
		String text = value.strip();
		try {
			if (text.startsWith(ResourceLoader.CLASSPATH_URL_PREFIX)) {
				return ofClassPath(key, text.substring(ResourceLoader.CLASSPATH_URL_PREFIX.length()));
			}
			if (text.startsWith(FILE + "/")) {
				return Path.of(URI.create(text));
			}
			return Path.of(text.startsWith(FILE) ? text.substring(FILE.length()) : text);
		}
		catch (IllegalArgumentException ex) {
			throw key.invalid("is not a path", "Write the path of a file, or its location as classpath: or file:.");
		}
	}

	private static Path ofClassPath(PropertyKey key, String name) {
		Resource resource = new ClassPathResource(name, ClassUtils.getDefaultClassLoader());
		try {
			if (resource.isFile()) {
				return resource.getFile().toPath();
			}
			if (resource.exists()) {
				return copies.computeIfAbsent(resource.getURL().toString(), (url) -> copy(key, resource));
			}
		}
		catch (IOException ex) {
			throw unreadable(key, ex);
		}
		throw key.invalid("names a file that is not on the class path",
				"Correct it; the location begins at the root of the class path.");
	}

	private static Path copy(PropertyKey key, Resource resource) {
		try (InputStream content = resource.getInputStream()) {
			// for this user alone, as the JDK creates temporary files
			Path file = Files.createTempFile("litestream", null);
			file.toFile().deleteOnExit();
			Files.write(file, content.readAllBytes());
			return file;
		}
		catch (IOException ex) {
			throw unreadable(key, ex);
		}
	}

	private static InvalidLitestreamPropertyException unreadable(PropertyKey key, IOException ex) {
		return key.invalid("names a file of the class path that cannot be read (" + ex.getClass().getSimpleName() + ")",
				"Put it beside the application and write its path.");
	}

}
