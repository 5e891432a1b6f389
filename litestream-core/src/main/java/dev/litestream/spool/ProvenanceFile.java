package dev.litestream.spool;

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
import java.util.Properties;

import dev.litestream.replica.DirectorySync;

/**
 * The file in which {@link Provenance} is kept. It is replaced as a whole. A power loss
 * may leave the old file or a useless one: nothing relies on it alone, and a damaged file
 * counts as missing.
 *
 * @param path the file
 */
record ProvenanceFile(Path path) {

	private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

	Properties read() throws IOException {
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

	void write(Properties properties) throws IOException {
		StringWriter text = new StringWriter();
		properties.store(text, null);
		Path temporary = this.path.resolveSibling("identity.tmp");
		Files.writeString(temporary, text.toString());
		SpoolAccess.grant(temporary.toAbsolutePath().getParent(), temporary);
		Files.move(temporary, this.path, StandardCopyOption.ATOMIC_MOVE);
	}

	/** Makes the last write survive a power loss. */
	void force() throws IOException {
		DirectorySync.force(this.path);
		DirectorySync.force(this.path.toAbsolutePath().getParent());
	}

	/** Distinguishes one run of the machine from the next; empty if unknown. */
	static String boot() {
		try {
			return Files.readString(BOOT_ID).trim();
		}
		catch (IOException ex) {
			return "";
		}
	}

}
