package dev.litestream.restore;

import java.io.IOException;
import java.io.InputStream;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.ReplicaClient;

/**
 * A real client whose reads can be disturbed.
 */
class InterceptedClient extends FilterReplicaClient {

	private final BeforeRead beforeRead;

	InterceptedClient(ReplicaClient client, BeforeRead beforeRead) {
		super(client);
		this.beforeRead = beforeRead;
	}

	@Override
	public InputStream read(LtxFileInfo file) throws IOException {
		this.beforeRead.read(file);
		return this.client.read(file);
	}

	@Override
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		this.beforeRead.read(file);
		return this.client.read(file, offset, length);
	}

	/** What happens first. */
	@FunctionalInterface
	interface BeforeRead {

		void read(LtxFileInfo file) throws IOException;

	}

}
