package dev.litestream.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;

import dev.litestream.ltx.Crc64;
import dev.litestream.sqlite.DatabaseFile;
import org.jspecify.annotations.Nullable;

/**
 * The state of a database file after the last write to it. If the state is different at
 * the next start, another file was copied over it, or somebody has written to it. Then an
 * unchanged WAL beside it proves nothing.
 *
 * @param size its size, in bytes
 * @param modified when it was last written to
 * @param changed when it or its metadata last changed, empty if that is not known
 * @param identity its inode
 * @param digest of its first bytes, which hold SQLite's counters
 */
public record FileStamp(long size, String modified, String changed, String identity, String digest) {

	private static final int DIGESTED = 4096;

	/**
	 * Reads the state of a file.
	 * @param file the file
	 * @return its state
	 * @throws IOException if it cannot be read
	 */
	public static FileStamp of(Path file) throws IOException {
		BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
		byte[] first = new byte[DIGESTED];
		DatabaseFile.at(file).read(0, first, first.length);
		Crc64 crc = new Crc64();
		crc.update(first, 0, first.length);
		return new FileStamp(attributes.size(), attributes.lastModifiedTime().toInstant().toString(), changed(file),
				DatabaseFile.identity(file), Long.toHexString(crc.value()));
	}

	private static String changed(Path file) throws IOException {
		try {
			Map<String, Object> attributes = Files.readAttributes(file, "unix:ctime");
			return (attributes.get("ctime") instanceof FileTime time) ? time.toInstant().toString() : "";
		}
		catch (UnsupportedOperationException | IllegalArgumentException ex) {
			return "";
		}
	}

	/**
	 * Whether a file has the same state as before. A file that was moved together with
	 * all that belongs to it has another inode, and counts as the same.
	 */
	boolean isAs(FileStamp before) {
		return this.size == before.size && this.modified.equals(before.modified) && this.digest.equals(before.digest)
				&& (!this.identity.equals(before.identity) || this.changed.equals(before.changed));
	}

	/** The stamp in one line, without spaces. */
	String toText() {
		return String.join(",", Long.toString(this.size), this.modified, this.changed, this.identity, this.digest);
	}

	/** Reads {@link #toText()}. Returns {@code null} if the text is not a stamp. */
	static @Nullable FileStamp parse(String text) {
		String[] parts = text.split(",", -1);
		try {
			return (parts.length == 5) ? new FileStamp(Long.parseLong(parts[0]), parts[1], parts[2], parts[3], parts[4])
					: null;
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

}
