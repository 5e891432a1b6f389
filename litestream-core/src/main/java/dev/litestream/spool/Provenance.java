package dev.litestream.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Properties;

import dev.litestream.ltx.LtxFileName;
import dev.litestream.sqlite.DatabaseFile;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the spool belongs to, beside it in the file {@code identity}: the
 * database file, the replica's location, and the identity of the replica there. A damaged
 * file counts as missing. Thread-safe through one instance.
 */
public final class Provenance {

	private static final String DATABASE = "database";

	private static final String RESTORED = "restored";

	private static final String RESTORED_FROM = "restored.";

	/** The restore went through the spool's files: they are still to be sent. */
	private static final String RESTORED_THROUGH_SPOOL = "restored.spool";

	private static final String BOOT = "boot";

	private static final String FETCHED = "fetched";

	private static final String WAL = "wal";

	/** The state of the file at the last orderly stop. */
	private static final String CLOSED = "closed";

	/** The state of the file after the last checkpoint, if none has begun since. */
	private static final String CHECKPOINTED = "checkpointed";

	/** The state of the file at the last start, if no checkpoint has begun since. */
	private static final String FOUND = "found";

	/** The file had a different state at a later start. */
	private static final String OVERWRITTEN = "overwritten";

	/** The WAL was found to be older than the commits replicated from it. */
	private static final String PUT_BACK = "put-back";

	/**
	 * The commit that the file was found to lack, when somebody had written to it without
	 * its WAL.
	 */
	private static final String EXPLAINED = "explained";

	/** Why a file was refused; none has been accepted since. */
	private static final String REFUSED = "refused";

	/** The file was found to hold the newest commit that was replicated from it. */
	private static final String COMPLETE = "complete";

	/** No inode: the file was seen to be deleted or replaced. */
	private static final String GONE = "gone";

	private static final String LOCATION = "replica";

	private static final String STORAGE = "storage";

	private final ProvenanceFile file;

	public Provenance(Path metaPath) {
		this.file = new ProvenanceFile(file(metaPath));
	}

	public static Path file(Path metaPath) {
		return metaPath.resolve("identity");
	}

	/**
	 * What is remembered of a database file.
	 * @param path the file
	 * @throws IOException if the file does not exist, or the memory cannot be read
	 */
	public synchronized Remembered remembered(Path path) throws IOException {
		Properties properties = this.file.read();
		String inode = DatabaseFile.identity(path);
		if (inode.equals(properties.getProperty(RESTORED))) {
			return DatabaseFile.isHeld(path) ? Remembered.RESTORED_HERE : Remembered.RESTORED;
		}
		if (properties.containsKey(REFUSED)) {
			return Remembered.REFUSED;
		}
		String database = properties.getProperty(DATABASE);
		if (database == null) {
			return Remembered.NOTHING;
		}
		if (!database.equals(inode)) {
			return Remembered.ANOTHER;
		}
		// If that is unknown, there may have been a power loss.
		return isSameBoot(properties) ? Remembered.SAME : Remembered.SAME_BEFORE_REBOOT;
	}

	/** Whether a file is the one that was replicated before a reboot. */
	public synchronized boolean hasRebootedSince(Path path) throws IOException {
		return Files.exists(path) && remembered(path) == Remembered.SAME_BEFORE_REBOOT;
	}

	/** Whether a database was restored and nothing of it has been synced since. */
	public synchronized boolean isRestored() throws IOException {
		return this.file.read().getProperty(RESTORED) != null;
	}

	/**
	 * Whether the restored file holds what is in the spool, which is still to be sent.
	 */
	public synchronized boolean isRestoredThroughSpool() throws IOException {
		return this.file.read().containsKey(RESTORED_THROUGH_SPOOL);
	}

	/** Whether a database file is the one that was restored last. */
	public synchronized boolean isRestored(Path path) throws IOException {
		return Files.exists(path) && DatabaseFile.identity(path).equals(this.file.read().getProperty(RESTORED));
	}

	/**
	 * Remembers the state of the file after an orderly stop.
	 * @param stamp what it looks like
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void rememberClosed(FileStamp stamp) throws IOException {
		Properties properties = this.file.read();
		properties.setProperty(CLOSED, stamp.toText());
		this.file.write(properties);
	}

	/**
	 * Checks, before anybody opens the file, whether it was written to since the last
	 * orderly stop, or after a kill since the last checkpoint. Remembers the result until
	 * it is known where the history goes on.
	 * @param file the file
	 * @param left what is there. Only a power loss explains missing commits, and after an
	 * orderly stop, which forces the WAL to disk, not even that
	 * @param newest the newest file of the spool, or {@code null} if there is none
	 * @return whether somebody has written to the file, so that it cannot be told whether
	 * commits went with its WAL before
	 * @throws IOException if it cannot be read, or the memory cannot be written
	 */
	public synchronized boolean look(Path file, StateLeft left, @Nullable LtxFileName newest) throws IOException {
		Properties properties = this.file.read();
		Properties before = (Properties) properties.clone();
		String closed = properties.getProperty(CLOSED);
		boolean noPowerLoss = closed != null || isSameBoot(properties);
		FileStamp now = FileStamp.of(file);
		FileStamp stamp = noPowerLoss ? stamp(properties, (closed != null) ? CLOSED : CHECKPOINTED) : null;
		boolean untouched = stamp != null && now.isAs(stamp);
		if (stamp != null && !untouched) {
			properties.setProperty(OVERWRITTEN, "true");
		}
		FileStamp found = stamp(properties, FOUND);
		boolean lacking = left == StateLeft.WITHOUT_WAL && !Objects.toString(newest).equals(properties.get(EXPLAINED));
		boolean lost = lacking && (untouched || found != null && now.isAs(found));
		if (lacking && !lost) {
			// The next look finds the file as it is now, which does not tell when it
			// lost its WAL.
			properties.setProperty(EXPLAINED, Objects.toString(newest));
		}
		if (noPowerLoss && (left == StateLeft.OLDER_WAL || lost)) {
			properties.setProperty(PUT_BACK, "true");
		}
		if (left == StateLeft.CHECKPOINTED) {
			properties.setProperty(COMPLETE, "true");
		}
		// Not as the state after a checkpoint: others may checkpoint before we do.
		properties.setProperty(FOUND, now.toText());
		if (!properties.equals(before)) {
			this.file.write(properties);
		}
		return lacking && !lost;
	}

	private static @Nullable FileStamp stamp(Properties properties, String key) {
		String text = properties.getProperty(key);
		return (text != null) ? FileStamp.parse(text) : null;
	}

	/**
	 * The file will be written to next: forgets its state at the last stop. Forced to
	 * disk: a power loss must not bring that state back.
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void opened() throws IOException {
		Properties properties = this.file.read();
		if (properties.remove(CLOSED) != null) {
			this.file.write(properties);
			this.file.force();
		}
	}

	/**
	 * A checkpoint will write to the file next.
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void checkpointing() throws IOException {
		Properties properties = this.file.read();
		boolean found = properties.remove(FOUND) != null;
		if (properties.remove(CHECKPOINTED) != null || found) {
			this.file.write(properties);
		}
	}

	/**
	 * Remembers the state of the file until the next checkpoint: a write in the meantime
	 * does not go through its WAL.
	 * @param stamp what it looks like
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void rememberCheckpointed(FileStamp stamp) throws IOException {
		Properties properties = this.file.read();
		properties.setProperty(CHECKPOINTED, stamp.toText());
		this.file.write(properties);
	}

	/**
	 * Whether the file was written to since the last orderly stop, or its WAL was older,
	 * or a file was refused.
	 */
	public synchronized boolean isOverwritten() throws IOException {
		Properties properties = this.file.read();
		return properties.containsKey(OVERWRITTEN) || properties.containsKey(PUT_BACK)
				|| properties.containsKey(REFUSED);
	}

	/**
	 * Remembers that a file was refused. The application may write to it: later commits
	 * hide what is missing, and must not make it acceptable.
	 * @param fault why, a clause that follows "the database"
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void rememberRefused(String fault) throws IOException {
		Properties properties = this.file.read();
		if (properties.putIfAbsent(REFUSED, fault) == null) {
			this.file.write(properties);
		}
	}

	/** Why a file was refused, or {@code null} if one has been accepted since. */
	public synchronized @Nullable String refusal() throws IOException {
		return this.file.read().getProperty(REFUSED);
	}

	/** Whether the WAL was found to be older than the commits replicated from it. */
	public synchronized boolean isPutBack() throws IOException {
		return this.file.read().containsKey(PUT_BACK);
	}

	/**
	 * Whether the file was found to hold the newest commit that was replicated from it,
	 * although it had no WAL.
	 */
	public synchronized boolean isComplete() throws IOException {
		return this.file.read().containsKey(COMPLETE);
	}

	/**
	 * Whether the machine is known not to have rebooted since something was replicated:
	 * then no power loss took anything.
	 */
	public synchronized boolean isSameBoot() throws IOException {
		return isSameBoot(this.file.read());
	}

	private static boolean isSameBoot(Properties properties) {
		String boot = ProvenanceFile.boot();
		return !boot.isEmpty() && boot.equals(properties.getProperty(BOOT));
	}

	/** The replica's location, or {@code null} if none is remembered. */
	public synchronized @Nullable String location() throws IOException {
		return this.file.read().getProperty(LOCATION);
	}

	/** The replica's identity, or {@code null} if none is remembered. */
	public synchronized @Nullable String storage() throws IOException {
		return this.file.read().getProperty(STORAGE);
	}

	/**
	 * Remembers that a file is the one being replicated.
	 * @param path the file
	 * @param generation the first salt of its WAL
	 * @throws IOException if the file does not exist, or the memory cannot be written
	 */
	public synchronized void rememberDatabase(Path path, int generation) throws IOException {
		rememberDatabase(DatabaseFile.identity(path), Integer.toString(generation));
	}

	/**
	 * The first salt of the WAL that was replicated when a file was last remembered, or
	 * {@code null} if that is not known.
	 */
	public synchronized @Nullable Integer generation() throws IOException {
		try {
			String generation = this.file.read().getProperty(WAL);
			return (generation != null) ? Integer.valueOf(generation) : null;
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

	/**
	 * Remembers that the file being replicated was deleted or replaced: any file of its
	 * name is another one from now on, even if the file system gives it the same inode.
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void rememberDatabaseGone() throws IOException {
		rememberDatabase(GONE, "");
		checkpointing();
	}

	private void rememberDatabase(String database, String generation) throws IOException {
		Properties properties = this.file.read();
		Properties before = (Properties) properties.clone();
		properties.remove(RESTORED);
		properties.remove(FETCHED);
		properties.remove(OVERWRITTEN);
		properties.remove(PUT_BACK);
		properties.remove(EXPLAINED);
		properties.remove(REFUSED);
		properties.remove(COMPLETE);
		properties.setProperty(DATABASE, database);
		properties.setProperty(WAL, generation);
		properties.setProperty(BOOT, ProvenanceFile.boot());
		if (!properties.equals(before)) {
			this.file.write(properties);
		}
	}

	/**
	 * Remembers the restored file that will take the database's name.
	 * @param image the restored file
	 * @param location the replica that it was restored from
	 * @param storage the replica's identity
	 * @param throughSpool whether it holds what is in the spool too
	 * @throws IOException if the file does not exist, or the memory cannot be written
	 */
	public synchronized void rememberRestored(Path image, String location, String storage, boolean throughSpool)
			throws IOException {
		Properties properties = this.file.read();
		properties.remove(RESTORED_THROUGH_SPOOL);
		if (throughSpool) {
			properties.setProperty(RESTORED_THROUGH_SPOOL, "true");
		}
		properties.setProperty(RESTORED, DatabaseFile.identity(image));
		properties.setProperty(RESTORED_FROM + LOCATION, location);
		properties.setProperty(RESTORED_FROM + STORAGE, storage);
		this.file.write(properties);
	}

	/**
	 * The restored file no longer has the database's name: from now on a file with the
	 * same inode is another one.
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void rememberRestoredGone() throws IOException {
		Properties properties = this.file.read();
		Object before = properties.get(RESTORED);
		if (before != null && !GONE.equals(before)) {
			properties.setProperty(RESTORED, GONE);
			this.file.write(properties);
		}
	}

	/**
	 * The restored file has taken the database's name: it came from the replica, and the
	 * file that was replicated before no longer exists.
	 * @throws IOException if the memory cannot be written
	 */
	public synchronized void settleRestored() throws IOException {
		Properties properties = this.file.read();
		for (String key : new String[] { LOCATION, STORAGE }) {
			Object value = properties.remove(RESTORED_FROM + key);
			if (value != null) {
				properties.put(key, value);
			}
		}
		properties.remove(RESTORED_THROUGH_SPOOL);
		properties.remove(DATABASE);
		properties.remove(CLOSED);
		properties.remove(CHECKPOINTED);
		properties.remove(FOUND);
		properties.remove(OVERWRITTEN);
		properties.remove(PUT_BACK);
		properties.remove(EXPLAINED);
		properties.remove(REFUSED);
		properties.remove(COMPLETE);
		this.file.write(properties);
	}

	/**
	 * The name of the file that was fetched from the replica into the spool, unless
	 * something was replicated since, or {@code null}.
	 */
	public synchronized @Nullable String fetched() throws IOException {
		return this.file.read().getProperty(FETCHED);
	}

	public synchronized void rememberFetched(String name) throws IOException {
		Properties properties = this.file.read();
		properties.setProperty(FETCHED, name);
		this.file.write(properties);
	}

	public synchronized void rememberReplica(String location, String storage) throws IOException {
		Properties properties = this.file.read();
		Object before = properties.setProperty(LOCATION, location);
		if (!Objects.equals(storage, properties.setProperty(STORAGE, storage)) || !location.equals(before)) {
			this.file.write(properties);
		}
	}

	/** Forgets the file that was replicated before. */
	public synchronized void forgetDatabase() throws IOException {
		Properties properties = this.file.read();
		if (properties.remove(DATABASE) != null) {
			this.file.write(properties);
		}
	}

	/** What is remembered of a database file, by its inode. */
	public enum Remembered {

		/** It is the file that was replicated. */
		SAME,

		/** It is the file that was restored, by its inode, and nothing was replicated. */
		RESTORED,

		/** The same, and this process has held it since: no other file has its inode. */
		RESTORED_HERE,

		/**
		 * The same, but the machine has rebooted since: there may have been a power loss.
		 */
		SAME_BEFORE_REBOOT,

		/** Another file was replicated. */
		ANOTHER,

		/** It is the same, but was written to without its WAL since the last stop. */
		OVERWRITTEN,

		/** Its WAL is older than the commits replicated from it. */
		PUT_BACK,

		/** It, or one before it, was refused. */
		REFUSED,

		/** Nothing. */
		NOTHING;

		public boolean isRestored() {
			return this == RESTORED || this == RESTORED_HERE;
		}

		public boolean isSame() {
			return this == SAME || isRestored() || this == SAME_BEFORE_REBOOT;
		}

	}

}
