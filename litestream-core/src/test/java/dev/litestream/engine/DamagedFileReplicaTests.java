package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FileReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * Files that rot in a directory.
 */
class DamagedFileReplicaTests extends DamagedReplicaContract {

	@Override
	protected ReplicaClient create() {
		return new FileReplicaClient(this.directory.resolve("replica"));
	}

	@Override
	protected void damage(LtxFileInfo file, byte[] content) throws IOException {
		Path path = this.directory.resolve("replica/ltx/" + file.level() + "/" + file.fileName());
		FileTime time = Files.getLastModifiedTime(path);
		Files.write(path, content);
		Files.setLastModifiedTime(path, time);
	}

}
