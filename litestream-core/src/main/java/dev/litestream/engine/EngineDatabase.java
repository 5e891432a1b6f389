package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Predicate;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicaUsage;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.VerificationResult;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Replicator;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.verification.BackupVerifier;
import org.jspecify.annotations.Nullable;

/**
 * One database as applications see it: its replication, its backup, and whether that is
 * any good. Safe for use by several threads.
 */
final class EngineDatabase implements ReplicatedDatabase {

	private final Replicator replicator;

	private final ReplicaClient client;

	private final BackupVerifier verifier;

	private final Predicate<Path> isReplicated;

	/**
	 * Joins the parts.
	 * @param replicator replicates the database
	 * @param client its replica
	 * @param verifier verifies its backup
	 * @param isReplicated whether a file is one of the engine's databases
	 */
	EngineDatabase(Replicator replicator, ReplicaClient client, BackupVerifier verifier, Predicate<Path> isReplicated) {
		this.replicator = replicator;
		this.client = client;
		this.verifier = verifier;
		this.isReplicated = isReplicated;
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
		try {
			requireFree(file);
			this.client.open();
			return new Restorer().restore(this.client,
					new RestoreOptions(file, target, options().integrityCheck(), false), null);
		}
		catch (IOException ex) {
			throw new RestoreFailedException(name(), this.client.location(),
					"The database '" + name() + "' could not be restored from " + this.client.location() + " to " + file
							+ " (" + target + "): " + reason(ex),
					ex);
		}
	}

	private static String reason(IOException failure) {
		return (failure.getMessage() != null) ? failure.getMessage() : failure.toString();
	}

	private void requireFree(Path file) throws IOException {
		if (this.isReplicated.test(file)) {
			throw new IOException("it is a replicated database, which is never written over: name another file");
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
	public void prepare(Connection connection) throws SQLException {
		this.replicator.prepare(connection);
	}

	@Override
	public void signalCommit() {
		this.replicator.signalCommit();
	}

}
