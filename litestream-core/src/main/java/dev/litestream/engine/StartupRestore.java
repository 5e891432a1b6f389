package dev.litestream.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.OperationOutcome;
import dev.litestream.ReplicationListener;
import dev.litestream.RestoreFailedException;
import dev.litestream.RestoreOnStartup;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.continuity.RestoredState;
import dev.litestream.continuity.UnsentFiles;
import dev.litestream.restore.NoBackupException;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.Restorer;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.sqlite.DatabaseFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores one database before the application opens it. A replica that cannot be reached
 * stops the start-up: an application that went on with an empty database would be worse.
 */
final class StartupRestore {

	private static final Logger logger = LoggerFactory.getLogger(StartupRestore.class);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final ReplicationListener listener;

	private final Runnable claim;

	private final Predicate<Path> mounted;

	/**
	 * Prepares a restore. {@code claim} keeps other replicators off the database and its
	 * spool, or throws: nothing is touched before it has run.
	 */
	StartupRestore(DatabaseOptions options, ReplicaClient client, ReplicationListener listener, Runnable claim) {
		this(options, client, listener, claim, FileMount::isAt);
	}

	StartupRestore(DatabaseOptions options, ReplicaClient client, ReplicationListener listener, Runnable claim,
			Predicate<Path> mounted) {
		this.mounted = mounted;
		this.claim = claim;
		this.options = options;
		this.client = client;
		this.listener = listener;
	}

	@Nullable RestoreResult run() {
		refuseMountedFile();
		createDirectory();
		this.claim.run();
		try {
			if (!isWanted()) {
				removeLeftovers();
				return null;
			}
			return restore();
		}
		catch (NoBackupException ex) {
			if (this.options.restoreOnStartup() == RestoreOnStartup.REQUIRED) {
				throw new RestoreFailedException(this.options.name(), this.client.location(), "The database "
						+ this.options.path() + " does not exist, and " + this.client.location()
						+ " holds no backup of it, which litestream.restore.on-startup=required asks for. Correct the"
						+ " replica's URL or path; if this database is new, start it once with if-missing", ex);
			}
			warnOfNothing();
			return null;
		}
		catch (IOException ex) {
			throw new RestoreFailedException(this.options.name(), this.options.path(), this.client.location(), ex);
		}
	}

	/** A mistake in the replica's URL and a lost disk look like the very first start. */
	private void warnOfNothing() {
		if (Files.exists(this.options.path())) {
			logger.atInfo()
				.addKeyValue("database", this.options.name())
				.log("{}: {} holds no backup yet, nothing to restore", this.options.name(), this.client.location());
			return;
		}
		logger.atWarn()
			.addKeyValue("database", this.options.name())
			.log("{}: new replica, new database: {} holds no backup and {} does not exist: both begin empty. If "
					+ "this database has a backup, stop the application, correct the replica's URL or path and "
					+ "remove the new database. litestream.restore.on-startup=required refuses such a start",
					this.options.name(), this.client.location(), this.options.path());
	}

	private RestoreResult restore() throws IOException {
		OperationEnd end = this.listener.begun(this.options.name(), Operation.RESTORE);
		OperationOutcome outcome = OperationOutcome.FAILED;
		Throwable failure = null;
		try {
			this.client.open();
			RestoreOptions restore = new RestoreOptions(this.options.path(), RestoreTarget.LATEST,
					this.options.integrityCheck(), this.options.restoreOnStartup() == RestoreOnStartup.ALWAYS);
			UnsentFiles unsent = unsent();
			try (RestoredState state = RestoredState.begin(this.options.metaPath())) {
				RestoreResult result = new Restorer(RestoredState.model(this.options.metaPath())).restore(
						unsent.continueReplica() ? unsent.after(this.client) : this.client, restore,
						sink(state, this.client, unsent.continueReplica()));
				state.complete();
				DatabaseFile.hold(this.options.file());
				outcome = OperationOutcome.SUCCEEDED;
				return result;
			}
		}
		catch (NoBackupException ex) {
			outcome = OperationOutcome.SKIPPED;
			throw ex;
		}
		catch (IOException | RuntimeException ex) {
			failure = ex;
			throw ex;
		}
		finally {
			end.ended(outcome, failure);
		}
	}

	/** Commits that never reached the replica are restored too. */
	private UnsentFiles unsent() throws IOException {
		Spool spool = new Spool(this.options.metaPath());
		UnsentFiles unsent = UnsentFiles.find(spool, new Provenance(this.options.metaPath()), this.client);
		if (unsent.continueReplica()) {
			logger.atInfo()
				.addKeyValue("database", this.options.name())
				.log("{}: the local spool has {} files that {} lacks; they are restored too, and sent afterwards",
						this.options.name(), unsent.continuing().size(), this.client.location());
		}
		unsent.putOthersAside(this.options.name(), this.client.location());
		return unsent;
	}

	private static Restorer.PageSink sink(RestoredState state, ReplicaClient client, boolean throughSpool) {
		return new Restorer.PageSink() {

			@Override
			public void page(long pgno, byte[] page, int pageSize) throws IOException {
				state.page(pgno, page, pageSize);
			}

			@Override
			public void complete(Path image, Txid txid, long pages) throws IOException {
				state.ready(image, txid, pages, client, throughSpool);
			}

		};
	}

	/**
	 * A crash right after a restore leaves a database and the restore's temporary files.
	 */
	private void removeLeftovers() {
		try {
			Restorer.removeLeftovers(this.options.file());
			RestoredState.recover(this.options.metaPath(), this.options.path());
		}
		catch (IOException ex) {
			logger.warn("{}: leftovers of an earlier restore cannot be removed: {}", this.options.name(),
					ex.getMessage());
		}
	}

	private void refuseMountedFile() {
		Path file = this.options.file();
		if (this.mounted.test(file)) {
			throw new LitestreamException("The database file " + file + " of '" + this.options.name()
					+ "' is mounted by itself. SQLite keeps " + file.getFileName() + "-wal with the newest "
					+ "commits beside it, where they are lost with the container, and no file can be "
					+ "restored under its name. Mount its directory " + file.getParent() + " instead (dbs[].path)");
		}
	}

	/** SQLite creates a database, but not the directory for it. */
	private void createDirectory() {
		Path parent = this.options.file().getParent();
		try {
			if (parent != null && !Files.isDirectory(parent)) {
				Files.createDirectories(parent);
			}
		}
		catch (IOException ex) {
			throw new LitestreamException("The directory " + parent + " of the database '" + this.options.name()
					+ "' cannot be created; create it and let the application write to it, or change "
					+ "litestream.dbs[].path", ex);
		}
	}

	private boolean isWanted() throws IOException {
		Path path = this.options.path();
		return switch (this.options.restoreOnStartup()) {
			case NEVER -> false;
			case IF_MISSING, REQUIRED -> !Files.exists(path) || Files.size(path) == 0;
			case ALWAYS -> true;
		};
	}

}
