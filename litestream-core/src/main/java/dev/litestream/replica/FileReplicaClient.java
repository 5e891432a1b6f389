package dev.litestream.replica;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

import dev.litestream.DatabasePath;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a directory, laid out as Litestream's {@code file} type:
 * {@code <directory>/ltx/<level>/<min>-<max>.ltx}. A file's modification time is the
 * timestamp of its LTX header.
 *
 * <p>
 * A file is written beside its place as {@code <name>.<random>.tmp}, forced to disk and
 * linked to its name, which fails if the name exists: two writers, even in two processes,
 * never replace each other's file. A directory that disappears while it is used, as when
 * its file system is unmounted, is waited for and never created anew. The directory has
 * no digests: content is checked against the listed size here, and by its own checksum
 * when it is decoded.
 *
 * <p>
 * All reading and writing goes through {@code java.io}, which an interrupt does not
 * close. Files and directories are created for their owner only: a backup must not be
 * easier to read than its database. Thread-safe.
 */
public final class FileReplicaClient implements ReplicaClient {

	static final String TMP_SUFFIX = ".tmp";

	/** Younger temporary files may belong to another process that is still writing. */
	private static final Duration TMP_ABANDONED_AFTER = Duration.ofMinutes(10);

	static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwx------");

	private final Path directory;

	private final Clock clock;

	private final ReplicaRoot root;

	private final DirectoryProbe probe;

	/** By level, why it cannot be listed until an operator acts. */
	private final Map<Integer, String> refusals = new ConcurrentSkipListMap<>();

	private volatile boolean closed;

	/**
	 * Creates a client.
	 * @param directory the replica's directory; created by the first {@link #open()} if
	 * missing
	 */
	public FileReplicaClient(Path directory) {
		this(directory, Clock.systemUTC());
	}

	FileReplicaClient(Path directory, Clock clock) {
		this.directory = DatabasePath.absolute(directory);
		this.clock = clock;
		this.root = new ReplicaRoot(this.directory);
		this.probe = new DirectoryProbe(this.directory, this.root, this::retryRefused);
	}

	@Override
	public String type() {
		return "file";
	}

	@Override
	public String location() {
		return "file://" + this.directory;
	}

	@Override
	public void open() throws IOException {
		checkUsable();
		try {
			this.root.open();
		}
		catch (ReplicaUnavailableException ex) {
			throw ex;
		}
		catch (IOException ex) {
			throw new ReplicaRefusedException("The replica directory " + this.directory + " cannot be created ("
					+ DirectoryFailure.reason(ex) + "): set the replica's path to a directory that this user may write",
					ex);
		}
		if (!Files.isReadable(this.directory) || !Files.isExecutable(this.directory)) {
			throw new ReplicaRefusedException("The replica directory " + this.directory
					+ " cannot be read: give this user access to it or set the replica's path to another directory");
		}
		new LegacyFiles(this.directory).requireNewer(this::listAll);
		removeAbandoned();
	}

	private void removeAbandoned() throws IOException {
		Instant limit = this.clock.instant().minus(TMP_ABANDONED_AFTER);
		for (int level = 0; level < LEVELS; level++) {
			Path levelDirectory = levelDirectory(level);
			if (!Files.isDirectory(levelDirectory) || !Files.isWritable(levelDirectory)) {
				continue; // there is nothing, or the replica is only read from
			}
			for (Path path : entries(levelDirectory)) {
				BasicFileAttributes attributes = attributes(path);
				if (isTemporary(path) && attributes != null
						&& attributes.lastModifiedTime().toInstant().isBefore(limit)) {
					Files.deleteIfExists(path);
				}
			}
		}
	}

	@Override
	public boolean isConnected() {
		return outage() == null;
	}

	@Override
	public @Nullable String outage() {
		return this.closed ? null : this.probe.outage();
	}

	@Override
	public ReplicaCondition condition() {
		List<ReplicaFinding> findings = new ArrayList<>();
		this.refusals.values()
			.forEach((message) -> findings
				.add(new ReplicaFinding(ReplicaFinding.Severity.ERROR, "strange-file", message)));
		return new ReplicaCondition(null, findings);
	}

	/** Whether the file that was in the way is still there. */
	private void retryRefused() {
		for (int level : this.refusals.keySet()) {
			try {
				list(level);
			}
			catch (IOException ex) {
				// still there, or gone with the directory
			}
		}
	}

	@Override
	public LtxListing list(int level) throws IOException {
		try {
			LtxListing listing = listNow(level);
			this.refusals.remove(level);
			return listing;
		}
		catch (ReplicaRefusedException ex) {
			this.refusals.put(level, String.valueOf(ex.getMessage()));
			throw ex;
		}
	}

	private LtxListing listNow(int level) throws IOException {
		checkUsable();
		this.root.require();
		LtxListing listing = new LtxListing(files(level));
		// what was just read may have been below the mount point
		this.root.require();
		this.root.listed(level, listing);
		return listing;
	}

	private List<LtxFileInfo> files(int level) throws IOException {
		Path levelDirectory = levelDirectory(level);
		List<LtxFileInfo> files = new ArrayList<>();
		if (Files.notExists(levelDirectory)) {
			return files;
		}
		for (Path path : entries(levelDirectory)) {
			if (!isTemporary(path)) {
				LtxFileName name = parse(path);
				BasicFileAttributes attributes = attributes(path);
				if (attributes != null) {
					files.add(info(level, name.minTxid(), name.maxTxid(), attributes));
				}
			}
		}
		return files;
	}

	@Override
	public List<LtxListing> listAll() throws IOException {
		// ascending: a file that a compaction moves up meanwhile is seen below, above or
		// twice, but never missed
		List<LtxListing> listings = new ArrayList<>();
		for (int level = 0; level < LEVELS; level++) {
			listings.add(list(level));
		}
		return listings;
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		return read(file, 0, file.size());
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		checkUsable();
		if (offset < 0 || length < 0 || offset > file.size() - length) {
			throw new IllegalArgumentException("Bytes " + offset + " to " + (offset + length) + " lie outside of "
					+ file.fileName() + " with its " + file.size() + " bytes");
		}
		Path path = path(file.level(), file.minTxid(), file.maxTxid());
		RandomAccessFile opened;
		try {
			opened = new RandomAccessFile(path.toFile(), "r");
		}
		catch (FileNotFoundException ex) {
			this.root.require();
			throw Files.notExists(path) ? new NoSuchFileException(path.toString())
					: DirectoryFailure.refused("read", path, ex);
		}
		try {
			if (opened.length() != file.size()) {
				throw new CorruptLtxException(
						"LTX file " + path + " has " + opened.length() + " bytes, but was listed with " + file.size());
			}
			return new FilePart(opened, path.toString(), offset, length);
		}
		catch (IOException ex) {
			opened.close();
			throw ex;
		}
	}

	@Override
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		checkUsable();
		if (minTxid.isZero() || minTxid.isAfter(maxTxid)) {
			throw new IllegalArgumentException("No LTX file holds " + minTxid + " to " + maxTxid);
		}
		Path path = path(level, minTxid, maxTxid);
		Path levelDirectory = levelDirectory(level);
		this.root.require();
		try (NewLtxFile file = NewLtxFile.beside(this.directory, path)) {
			file.fill(content, timestamp);
			file.publish();
		}
		DirectorySync.force(levelDirectory);
		this.root.require();
		BasicFileAttributes attributes = attributes(path);
		if (attributes == null) {
			throw new ReplicaUnavailableException("LTX file " + path + " was deleted while it was written");
		}
		LtxFileInfo written = info(level, minTxid, maxTxid, attributes);
		this.root.written(written);
		return written;
	}

	@Override
	public boolean exists(LtxFileInfo file) throws IOException {
		checkUsable();
		this.root.require();
		return Files.exists(path(file.level(), file.minTxid(), file.maxTxid()));
	}

	@Override
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		checkUsable();
		this.root.require();
		this.root.deleting(files);
		Set<Path> changed = new LinkedHashSet<>();
		for (LtxFileInfo file : files) {
			Path path = path(file.level(), file.minTxid(), file.maxTxid());
			try {
				if (Files.deleteIfExists(path)) {
					changed.add(levelDirectory(file.level()));
				}
			}
			catch (AccessDeniedException ex) {
				throw DirectoryFailure.refused("delete", path, ex);
			}
		}
		for (Path levelDirectory : changed) {
			DirectorySync.force(levelDirectory);
		}
	}

	@Override
	public void close() {
		this.closed = true;
	}

	@Override
	public String toString() {
		return location();
	}

	private void checkUsable() throws IOException {
		if (this.closed) {
			throw new IOException("The replica " + location() + " has been closed");
		}
	}

	private Path levelDirectory(int level) {
		if (level < 0 || level >= LEVELS) {
			throw new IllegalArgumentException("There is no level " + level);
		}
		return this.directory.resolve("ltx").resolve(Integer.toString(level));
	}

	private Path path(int level, Txid minTxid, Txid maxTxid) {
		return levelDirectory(level).resolve(LtxFileName.of(minTxid, maxTxid));
	}

	private static List<Path> entries(Path levelDirectory) throws IOException {
		List<Path> paths = new ArrayList<>();
		try (DirectoryStream<Path> stream = Files.newDirectoryStream(levelDirectory)) {
			stream.forEach(paths::add);
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		catch (AccessDeniedException ex) {
			throw DirectoryFailure.refused("list", levelDirectory, ex);
		}
		return paths;
	}

	private static boolean isTemporary(Path path) {
		return path.getFileName().toString().endsWith(TMP_SUFFIX);
	}

	private static LtxFileName parse(Path path) throws IOException {
		String text = path.getFileName().toString();
		LtxFileName name = LtxFileName.parse(text);
		if (name == null) {
			throw new ReplicaRefusedException("The replica holds " + ForeignText.shown(path.toString())
					+ ", which is not the name of an LTX file. Nothing is restored, compacted or deleted while it lies"
					+ " there, because it may be a file of the backup under a wrong name: move it out of the replica's"
					+ " directory");
		}
		return name;
	}

	/** A file's attributes, {@code null} if it has been deleted since it was listed. */
	private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
		BasicFileAttributes attributes;
		try {
			attributes = Files.readAttributes(path, BasicFileAttributes.class);
		}
		catch (NoSuchFileException ex) {
			return null;
		}
		if (!attributes.isRegularFile()) {
			throw new ReplicaRefusedException("The replica holds " + ForeignText.shown(path.toString())
					+ ", which is not a file: move it out of the replica's directory");
		}
		return attributes;
	}

	private static LtxFileInfo info(int level, Txid minTxid, Txid maxTxid, BasicFileAttributes attributes) {
		return new LtxFileInfo(level, minTxid, maxTxid, attributes.size(),
				Instant.ofEpochMilli(attributes.lastModifiedTime().toMillis()));
	}

}
