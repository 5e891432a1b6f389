package dev.litestream.replica;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import org.jspecify.annotations.Nullable;

/**
 * Storage of one database's LTX files. Rules for implementers, held by
 * {@code ReplicaClientContract}:
 * <ul>
 * <li>thread-safe;</li>
 * <li>a file appears whole or not at all; a source that fails half-way leaves nothing
 * visible;</li>
 * <li>a name is written once: a second write of other content is refused with
 * {@link LtxConflictException}, of the same content it succeeds;</li>
 * <li>a listing is complete or an exception;</li>
 * <li>content is verified against the store's digest when it is read to its end;</li>
 * <li>damaged content, however the store detects it, is always reported by a
 * {@link CorruptLtxException}: restores, compactions and the comparison with the spool
 * then go on without the file, and after any other failure they wait for it;</li>
 * <li>every call ends in bounded time; a failure that may pass is a
 * {@link ReplicaUnavailableException}, one that needs an operator is a
 * {@link ReplicaRefusedException};</li>
 * <li>no message contains a secret.</li>
 * </ul>
 */
public interface ReplicaClient extends AutoCloseable {

	/** Number of levels: 0 raw, 1..8 compactions, 9 snapshots. */
	int LEVELS = 10;

	/** Level of snapshots. */
	int SNAPSHOT_LEVEL = 9;

	/**
	 * The kind of storage, as in configuration: {@code file}, {@code nats}.
	 * @return the type
	 */
	String type();

	/**
	 * Where the files go, for people; without user information.
	 * @return the location
	 */
	String location();

	/**
	 * Which files these are, for the comparison of two replicas: the store, then the
	 * replica's path in it, between slashes. A replica whose place is that of another,
	 * {@code /ltx} and anything would lie among its files.
	 * @return the place, without user information
	 */
	default String place() {
		return location();
	}

	/**
	 * The store behind this replica: the servers or the disk. Replicas with the same
	 * store hang together, and the number of simultaneous uploads to it is bounded.
	 * @return the store, without user information
	 */
	default String store() {
		return type();
	}

	/**
	 * Connects and checks that the destination exists and can be used. Idempotent.
	 * @throws ReplicaUnavailableException if it cannot be reached now
	 * @throws ReplicaRefusedException if it refuses or does not exist
	 * @throws IOException if it fails otherwise
	 */
	void open() throws IOException;

	/**
	 * The condition of the storage when it was last checked. Never waits.
	 * @return the condition, unknown before {@link #open()}
	 */
	default ReplicaCondition condition() {
		return ReplicaCondition.UNKNOWN;
	}

	/**
	 * Lists a level completely.
	 * @param level 0 to 9
	 * @return all files of the level
	 * @throws IOException if the listing failed or its completeness could not be proved
	 */
	LtxListing list(int level) throws IOException;

	/**
	 * Lists all levels, at one moment as far as the store allows.
	 * @return ten listings, by level
	 * @throws IOException if a listing failed or its completeness could not be proved
	 */
	List<LtxListing> listAll() throws IOException;

	/**
	 * Opens a file from its start.
	 * @param file a listed file
	 * @return its bytes; the last read fails with a {@link CorruptLtxException} if the
	 * store's digest does not match
	 * @throws java.nio.file.NoSuchFileException if it does not exist
	 * @throws CorruptLtxException if its content is damaged or parts of it are missing
	 * @throws IOException if it cannot be read
	 */
	InputStream read(LtxFileInfo file) throws IOException;

	/**
	 * Opens a part of a file. The digest of the whole file is not verified: damage
	 * elsewhere in the file is not detected.
	 * @param file a listed file
	 * @param offset first byte
	 * @param length number of bytes; the part must lie within the file
	 * @return these bytes
	 * @throws java.nio.file.NoSuchFileException if it does not exist
	 * @throws CorruptLtxException if the part is missing
	 * @throws IOException if it cannot be read
	 */
	InputStream read(LtxFileInfo file, long offset, long length) throws IOException;

	/**
	 * Writes a file and returns once the store has acknowledged it.
	 * @param level 0 to 9
	 * @param minTxid first TXID
	 * @param maxTxid last TXID
	 * @param timestamp the timestamp of its LTX header
	 * @param content its bytes, to the end of the stream; not closed
	 * @return the file as written
	 * @throws LtxConflictException if the name exists with other content
	 * @throws IOException if it could not be written, or the outcome stays unknown
	 */
	LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content) throws IOException;

	/**
	 * Deletes files for good, leaving no trace that costs later. Missing files are fine.
	 * @param files listed files
	 * @throws IOException if one could not be deleted
	 */
	void delete(Collection<LtxFileInfo> files) throws IOException;

	/**
	 * How much the replica holds, as of the last time that somebody asked. Never blocks:
	 * if that was some time ago, the figures are renewed in the background.
	 * @return the usage, or {@code null} if this kind of replica does not report it
	 */
	default @Nullable ReplicaUsage usage() {
		return null;
	}

	/**
	 * Whether the storage can be reached, as far as is known without asking it. Never
	 * waits.
	 * @return {@code false} while the connection to it is lost
	 */
	default boolean isConnected() {
		return true;
	}

	/**
	 * Why the storage cannot be reached, as far as is known without asking it. Never
	 * waits.
	 * @return since when and why, and the cure, in one or two sentences without secrets
	 * that begin in lower case and end without a full stop; {@code null} while it can be
	 * reached or nothing is known
	 */
	default @Nullable String outage() {
		return null;
	}

	/**
	 * Identifies the storage: it differs if another one takes its place at the same
	 * location, such as a bucket that was deleted and created again. It is remembered
	 * from one start to the next.
	 * @return the identity; empty if the storage has none
	 * @throws IOException if it cannot be asked now
	 */
	default String identity() throws IOException {
		return "";
	}

	/**
	 * Counts the events after which the storage may have been replaced: reconnections,
	 * sequences that went backwards, what {@link #lookWhileIdle()} finds. Does not ask
	 * the storage.
	 * @return the number of events so far
	 */
	default long disturbances() {
		return 0;
	}

	/**
	 * Called again and again while nothing is written, by which it would be noticed that
	 * the storage was replaced. May ask the storage now and then, apart from the caller:
	 * what it finds is counted in {@link #disturbances()}. Never waits.
	 */
	default void lookWhileIdle() {
	}

	/**
	 * Whether a file is there; one request if the storage supports that.
	 * @param file a file that was listed or written
	 * @return whether it exists
	 * @throws IOException if this cannot be determined now
	 */
	default boolean exists(LtxFileInfo file) throws IOException {
		for (LtxFileInfo listed : list(file.level())) {
			if (listed.fileName().equals(file.fileName())) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ends the use of the storage. Idempotent.
	 */
	@Override
	void close();

}
