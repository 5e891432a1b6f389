package dev.litestream.replication;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * What the spool belongs to, remembered beside it in the file {@code identity}: the
 * database file, the replica's location, and what tells this replica from another one at
 * the same location. A damaged file counts as none. Safe for use by several threads
 * through one instance.
 */
final class Identity {

	private static final String DATABASE = "database";

	private static final String LOCATION = "replica";

	private static final String STORAGE = "storage";

	private final Path path;

	Identity(Path metaPath) {
		this.path = metaPath.resolve("identity");
	}

	/** The database file's inode, or {@code null} if none is remembered. */
	synchronized @Nullable String database() throws IOException {
		return read().getProperty(DATABASE);
	}

	/** The replica's location, or {@code null} if none is remembered. */
	synchronized @Nullable String location() throws IOException {
		return read().getProperty(LOCATION);
	}

	/** What the replica said that it is, or {@code null} if none is remembered. */
	synchronized @Nullable String storage() throws IOException {
		return read().getProperty(STORAGE);
	}

	synchronized void rememberDatabase(String database) throws IOException {
		Properties properties = read();
		if (!database.equals(properties.setProperty(DATABASE, database))) {
			write(properties);
		}
	}

	synchronized void rememberReplica(String location, String storage) throws IOException {
		Properties properties = read();
		Object before = properties.setProperty(LOCATION, location);
		if (!Objects.equals(storage, properties.setProperty(STORAGE, storage)) || !location.equals(before)) {
			write(properties);
		}
	}

	synchronized void forgetDatabase() throws IOException {
		Properties properties = read();
		if (properties.remove(DATABASE) != null) {
			write(properties);
		}
	}

	private Properties read() throws IOException {
		Properties properties = new Properties();
		try (Reader reader = Files.newBufferedReader(this.path, StandardCharsets.UTF_8)) {
			properties.load(reader);
		}
		catch (FileNotFoundException | NoSuchFileException ex) {
			// Nothing is remembered yet.
		}
		catch (IllegalArgumentException | CharacterCodingException ex) {
			properties.clear();
		}
		return properties;
	}

	/** A power loss may leave the old file or none of use; nothing relies on it alone. */
	private void write(Properties properties) throws IOException {
		StringWriter text = new StringWriter();
		properties.store(text, null);
		Path temporary = this.path.resolveSibling("identity.tmp");
		Files.writeString(temporary, text.toString());
		Files.move(temporary, this.path, StandardCopyOption.ATOMIC_MOVE);
	}

}
