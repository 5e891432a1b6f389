package dev.litestream.sqlite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Fields of the first page that tell about a database's past (SQLite's file format,
 * section 1.3). Both counters only ever grow in one database: the change counter when the
 * first page is written, though not with every transaction in WAL mode, and the schema
 * cookie with every change of the schema and every {@code VACUUM}.
 *
 * @param changeCounter unsigned, from byte 24
 * @param schemaCookie unsigned, from byte 40
 * @param applicationId {@code PRAGMA application_id}, from byte 68
 */
public record DatabaseHeader(long changeCounter, long schemaCookie, int applicationId) {

	/** Length of the header, in bytes. */
	public static final int SIZE = 100;

	private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

	/**
	 * Reads the header.
	 * @param page the first page, or its first {@link #SIZE} bytes
	 * @return the header, or {@code null} if it cannot be read, as in an encrypted
	 * database
	 */
	public static @Nullable DatabaseHeader of(byte[] page) {
		if (!Arrays.equals(page, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
			return null;
		}
		ByteBuffer buffer = ByteBuffer.wrap(page);
		return new DatabaseHeader(Integer.toUnsignedLong(buffer.getInt(24)), Integer.toUnsignedLong(buffer.getInt(40)),
				buffer.getInt(68));
	}

	/**
	 * Whether a counter is lower than in another header: then this one is not a later
	 * state of the same database.
	 * @param known the other header
	 * @return whether a counter is lower
	 */
	public boolean isBefore(DatabaseHeader known) {
		return this.changeCounter < known.changeCounter || this.schemaCookie < known.schemaCookie;
	}

	/**
	 * Whether a counter is higher than in another header and none is lower.
	 * @param known the other header
	 * @return whether this is later
	 */
	public boolean isAfter(DatabaseHeader known) {
		return !isBefore(known)
				&& !(this.changeCounter == known.changeCounter && this.schemaCookie == known.schemaCookie);
	}

}
