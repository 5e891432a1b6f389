package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.LtxFile;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicaOperation;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.SnapshotResult;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.CountingReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replication.Replicator;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.verification.BackupVerifier;
import org.jspecify.annotations.Nullable;

/**
 * One database as applications see it: its replication, its backup, and whether the
 * backup is good. Thread-safe.
 */
final class EngineDatabase implements ReplicatedDatabase {

	private final Replicator replicator;

	private final CountingReplicaClient client;

	private final BackupVerifier verifier;

	private final ReplicationListener listener;

	private final Predicate<Path> isOurs;

	private volatile @Nullable RestoreResult startupRestore;

	/**
	 * Joins the parts: the replicator of the database, the client of its replica, the
	 * verifier of its backup, the listener for restores, and whether a file belongs to
	 * one of the engine's databases.
	 */
	EngineDatabase(Replicator replicator, CountingReplicaClient client, BackupVerifier verifier,
			ReplicationListener listener, Predicate<Path> isOurs) {
		this.replicator = replicator;
		this.client = client;
		this.verifier = verifier;
		this.listener = listener;
		this.isOurs = isOurs;
	}

	/** It was restored before the application opened it. */
	void restored(RestoreResult result) {
		this.startupRestore = result;
		this.verifier.restored();
	}

	@Override
	public @Nullable RestoreResult startupRestore() {
		return this.startupRestore;
	}

	@Override
	public List<ReplicaOperation> replicaOperations() {
		return this.client.operations();
	}

	@Override
	public String replicaType() {
		return this.client.type();
	}

	BackupVerifier verifier() {
		return this.verifier;
	}

	private DatabaseOptions options() {
		return this.replicator.options();
	}

	@Override
	public String name() {
		return this.replicator.name();
	}

	@Override
	public Path path() {
		return this.replicator.path();
	}

	@Override
	public DatabaseStatus status() {
		return this.replicator.status().withVerification(this.verifier.status());
	}

	@Override
	public @Nullable ReplicaUsage replicaUsage() {
		return this.client.usage();
	}

	@Override
	public boolean sync(Duration timeout) throws InterruptedException {
		return this.replicator.sync(timeout);
	}

	@Override
	public boolean awaitReplicated(Txid txid, Duration timeout) throws InterruptedException {
		return this.replicator.awaitReplicated(txid, timeout);
	}

	@Override
	public SnapshotResult snapshot(Duration timeout) throws InterruptedException {
		long start = System.nanoTime();
		LtxFileInfo file = this.replicator.snapshot(timeout);
		return new SnapshotResult(file.maxTxid(), file.createdAt(), file.size(),
				Duration.ofNanos(System.nanoTime() - start));
	}

	@Override
	public List<LtxFile> ltxFiles() {
		try {
			this.client.open();
			List<LtxListing> listings = this.client.listAll();
			this.replicator.seen(listings);
			List<LtxFile> files = new ArrayList<>();
			for (LtxListing listing : listings) {
				listing.files().forEach((file) -> files.add(file.toLtxFile()));
			}
			return List.copyOf(files);
		}
		catch (IOException ex) {
			throw new LitestreamException(
					"The files of " + this.client.location() + " could not be listed: " + reason(ex), ex);
		}
	}

	@Override
	public RestorePoints restorePoints() {
		try {
			this.client.open();
			return new Restorer().points(this.client);
		}
		catch (IOException ex) {
			throw new LitestreamException("The points that " + this.client.location()
					+ " can restore are not known, because it cannot be listed: " + ex.getMessage(), ex);
		}
	}

	@Override
	public RestoreResult restoreTo(Path file, RestoreTarget target) {
		OperationEnd end = this.listener.begun(name(), Operation.RESTORE);
		OperationOutcome outcome = OperationOutcome.FAILED;
		Throwable failure = null;
		try {
			requireFree(file);
			this.client.open();
			RestoreResult result = new Restorer(this.replicator.options().file()).restore(this.client,
					new RestoreOptions(file, target, options().integrityCheck(), false), null);
			outcome = OperationOutcome.SUCCEEDED;
			return result;
		}
		catch (IOException ex) {
			failure = ex;
			throw new RestoreFailedException(name(), this.client.location(),
					"The database '" + name() + "' could not be restored from " + this.client.location() + " to " + file
							+ " (" + target + "): " + reason(ex),
					ex);
		}
		finally {
			end.ended(outcome, failure);
		}
	}

	private static String reason(IOException failure) {
		return (failure.getMessage() != null) ? failure.getMessage() : failure.toString();
	}

	private void requireFree(Path file) throws IOException {
		if (this.isOurs.test(file)) {
			throw new IOException(
					"it is or belongs to a replicated database, which is never overwritten: name another file");
		}
		if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
			throw new FileAlreadyExistsException(file.toString(), null, "it exists: name a file that does not");
		}
	}

	@Override
	public VerificationResult verify() throws InterruptedException {
		return verify(RestoreTarget.LATEST);
	}

	@Override
	public VerificationResult verify(RestoreTarget target) throws InterruptedException {
		return this.verifier.verify(target);
	}

	@Override
	public boolean acceptDatabase() {
		return this.verifier.acceptDatabase();
	}

	@Override
	public void prepare(Connection connection) throws SQLException {
		this.replicator.prepare(connection);
	}

	@Override
	public void signalCommit() {
		this.replicator.signalCommit();
	}

}
