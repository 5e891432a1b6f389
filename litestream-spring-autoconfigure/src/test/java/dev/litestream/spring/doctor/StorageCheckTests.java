package dev.litestream.spring.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Databases on a network.
 */
class StorageCheckTests {

	@TempDir
	Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "NFS" })
	void networkFileSystem(String type) {
		List<Finding> findings = new StorageCheck(Path.of("/data/app.db"), type).findings();
		assertThat(findings).singleElement().satisfies((finding) -> {
			assertThat(finding.id()).isEqualTo("network-file-system");
			assertThat(finding.severity()).isEqualTo(Severity.ERROR);
			assertThat(finding.subject()).isEqualTo("/data/app.db");
			assertThat(finding.meaning()).contains("of type " + type);
			assertThat(finding.cure()).contains("local disk");
		});
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "NTFS", "fuse.ntfs-3g", "unknown" })
	void localFileSystem(String type) {
		assertThat(new StorageCheck(Path.of("/data/app.db"), type).findings()).isEmpty();
	}

	@Test
	void typeIsThatOfTheNearestDirectory() throws Exception {
		String type = Files.getFileStore(this.directory).type();
		assertThat(StorageCheck.of(this.directory.resolve("not/there/app.db")).type()).isEqualTo(type);
	}

}
