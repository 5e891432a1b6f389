package dev.litestream.nats.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.nats.bucket.NatsBucketOptions;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import dev.litestream.test.Oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A bucket that both programs use.
 */
final class ReplicaBucket implements AutoCloseable {

	private final String url;

	private final Path directory;

	private final NatsReplicaClient client;

	private int restores;

	/**
	 * Creates the bucket if it is missing.
	 * @param server the server
	 * @param name the bucket's name
	 * @param directory receives restored databases
	 */
	ReplicaBucket(NatsServer server, String name, Path directory) throws IOException {
		this.url = server.url(name);
		this.directory = directory;
		this.client = client(this.url);
		this.client.open();
	}

	static NatsReplicaClient client(String url) {
		return new NatsReplicaClient(
				NatsReplicaUrl.parse(url).toOptions().bucketOptions(NatsBucketOptions.DEFAULTS.creating()).build());
	}

	String url() {
		return this.url;
	}

	NatsReplicaClient client() {
		return this.client;
	}

	List<LtxFileInfo> files(int level) throws IOException {
		return this.client.list(level).files();
	}

	/**
	 * The newest position, of all levels.
	 * @return the position
	 */
	Txid txid() throws IOException {
		Txid max = Txid.ZERO;
		for (LtxListing listing : this.client.listAll()) {
			max = Txid.max(max, listing.maxTxid());
		}
		return max;
	}

	void awaitTxidAfter(Txid txid) {
		await().atMost(Replication.LONG).until(() -> txid().isAfter(txid));
	}

	/** To be called after the server was restarted. */
	void awaitConnection() {
		await().atMost(Replication.LONG)
			.ignoreExceptionsInstanceOf(ReplicaUnavailableException.class)
			.until(() -> txid() != null);
	}

	Path restoredByLitestream() {
		Path file = next("litestream");
		Oracle.restore(this.url, file);
		return file;
	}

	Path restoredByUs() throws IOException {
		Path file = next("ours");
		restore(file, RestoreTarget.LATEST);
		return file;
	}

	RestoreResult restore(Path file, RestoreTarget target) throws IOException {
		return new Restorer().restore(this.client, new RestoreOptions(file, target, IntegrityCheck.NONE, false), null);
	}

	Path next(String name) {
		return this.directory.resolve(name + "-" + (++this.restores) + ".db");
	}

	/**
	 * Requires that both programs restore what the application sees, to the byte. For
	 * databases that fit into memory.
	 * @param application the application, everything replicated
	 */
	void requireSame(Application application) throws SQLException, IOException {
		Path live = application.image(next("live"));
		Path theirs = restoredByLitestream();
		Path ours = restoredByUs();
		Databases.sameContent(theirs, live);
		Databases.sameContent(ours, live);
		assertThat(Databases.integrity(ours)).isEqualTo("ok");
		Files.delete(live);
		Files.delete(theirs);
		Files.delete(ours);
	}

	@Override
	public void close() {
		this.client.close();
	}

}
