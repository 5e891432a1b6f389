package dev.litestream.spring.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether a database lies on a kind of file system where SQLite's locks and shared memory
 * work.
 */
record StorageCheck(Path path, String type) {

	private static final Set<String> NETWORK = Set.of("nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "9p",
			"afs", "afpfs", "webdav", "davfs", "ceph", "glusterfs", "lustre", "beegfs", "ncpfs", "vboxsf", "vmhgfs");

	private static final Set<String> REMOTE_BY_FUSE = Set.of("sshfs", "s3fs", "gcsfuse", "glusterfs", "rclone",
			"mount-s3", "blobfuse", "blobfuse2", "davfs", "goofys", "ceph-fuse", "juicefs", "vmhgfs-fuse", "ceph");

	/** Asks for the file system of a database. */
	static StorageCheck of(Path path) {
		for (Path place = path.toAbsolutePath(); place != null; place = place.getParent()) {
			if (Files.exists(place)) {
				try {
					return new StorageCheck(path, Files.getFileStore(place).type());
				}
				catch (IOException ex) {
					break;
				}
			}
		}
		return new StorageCheck(path, "unknown");
	}

	List<Finding> findings() {
		return isNetwork() ? List.of(new Finding("network-file-system", Severity.ERROR, this.path.toString(),
				"The database is on a file system of type " + this.type
						+ ", over a network. SQLite's locks are not reliable there and the WAL needs memory that all"
						+ " processes share, so the database can be corrupted.",
				"Put the database on a local disk. The replica brings it back when the disk is lost.")) : List.of();
	}

	private boolean isNetwork() {
		String type = this.type.toLowerCase(Locale.ROOT);
		return NETWORK.contains(type)
				|| (type.startsWith("fuse.") && REMOTE_BY_FUSE.contains(type.substring("fuse.".length())));
	}

}
