package dev.litestream.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Objects;

import dev.litestream.ltx.LtxFileInfo;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a file replica, and whether it is still the one that this process has
 * used. Below the mount point of an unmounted file system there is another directory or
 * none: a backup that went on there would have a hole on each disk. It is created once,
 * before its first use, and never again by the same process. Thread-safe.
 */
final class ReplicaRoot {

	private final Path path;

	private volatile boolean used;

	/**
	 * Tells the directory from any other, or {@code null} if the file system cannot.
	 * Another mount of the same file system may have another key.
	 */
	private volatile @Nullable Object key;

	/** A file that lies there, by which another mount is recognised. */
	private volatile @Nullable LtxFileInfo witness;

	ReplicaRoot(Path path) {
		this.path = path;
	}

	/** Creates the directory before its first use; later it has to be there. */
	void open() throws IOException {
		if (this.used) {
			require();
			return;
		}
		DirectorySync.create(this.path, FileReplicaClient.DIRECTORY_MODE);
		use();
	}

	private void use() throws IOException {
		this.key = Files.readAttributes(this.path, BasicFileAttributes.class).fileKey();
		this.used = true;
	}

	/** Throws unless the directory is there and is the one that was used before. */
	void require() throws IOException {
		Fault fault = fault();
		if (fault != null) {
			throw new ReplicaUnavailableException("The replica directory " + this.path + " " + fault.words
					+ ", as when its file system is unmounted. Nothing is written in its place. Mount it again or put it"
					+ " back (litestream.dbs[].replica.path), then replication goes on by itself" + fault.otherwise);
		}
		if (!this.used) {
			use();
		}
	}

	/** What is wrong with the directory, or {@code null}. */
	@Nullable Fault fault() {
		BasicFileAttributes attributes = attributes(this.path);
		if (attributes == null || !attributes.isDirectory()) {
			return Fault.GONE;
		}
		if (this.used && !Objects.equals(attributes.fileKey(), this.key)) {
			if (!holdsWitness()) {
				return Fault.ANOTHER;
			}
			this.key = attributes.fileKey();
		}
		return null;
	}

	private boolean holdsWitness() {
		LtxFileInfo file = this.witness;
		BasicFileAttributes attributes = (file != null)
				? attributes(this.path.resolve("ltx/" + file.level()).resolve(file.fileName())) : null;
		return attributes != null && attributes.size() == file.size()
				&& attributes.lastModifiedTime().toMillis() == file.createdAt().toEpochMilli();
	}

	/** A file was written there. */
	void written(LtxFileInfo file) {
		// retention never deletes the newest raw file
		if (file.level() == 0 || this.witness == null) {
			this.witness = file;
		}
	}

	/** A level was listed there. */
	void listed(int level, LtxListing listing) {
		LtxFileInfo newest = listing.newest();
		LtxFileInfo witness = this.witness;
		if (newest != null) {
			written(newest);
		}
		else if (witness != null && witness.level() == level) {
			this.witness = null;
		}
	}

	/** Files there will be deleted. */
	void deleting(Collection<LtxFileInfo> files) {
		LtxFileInfo witness = this.witness;
		if (witness != null && files.contains(witness)) {
			this.witness = null;
		}
	}

	private static @Nullable BasicFileAttributes attributes(Path path) {
		try {
			return Files.readAttributes(path, BasicFileAttributes.class);
		}
		catch (IOException ex) {
			return null;
		}
	}

	/** What may be wrong with the directory. */
	enum Fault {

		/** It does not exist. */
		GONE("has disappeared", ""),

		/** Another directory without its files has its name. */
		ANOTHER("has disappeared, and another one has its name",
				". To go on with the one that is there now, restart the application");

		private final String words;

		private final String otherwise;

		Fault(String words, String otherwise) {
			this.words = words;
			this.otherwise = otherwise;
		}

	}

}
