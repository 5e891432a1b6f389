package dev.litestream.verification;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.IntegrityCheck;
import dev.litestream.LitestreamException;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import dev.litestream.replication.Replicator;
import dev.litestream.sqlite.LiveCheck;
import dev.litestream.sqlite.StillImage;
import dev.litestream.restore.BackupGapException;
import dev.litestream.restore.DamagedImageException;
import dev.litestream.restore.NoBackupException;
import dev.litestream.restore.RestoreOptions;
import dev.litestream.restore.RestorePlan;
import dev.litestream.restore.RestorePointMissingException;
import dev.litestream.restore.Restorer;
import org.jspecify.annotations.Nullable;

/**
 * One verification of one backup.
 * <ol>
 * <li>Sync, keep the live database unchanged, note its TXID, take a digest of each of its
 * pages, let go.</li>
 * <li>Wait until the replica has acknowledged that TXID.</li>
 * <li>Restore exactly that TXID to a temporary file, comparing each page with its digest;
 * SQLite checks the result.</li>
 * </ol>
 * As the TXID is fixed, commits in the meantime do not matter. If a compaction has
 * removed the TXID's file before it was read, the drill is repeated with a newer one. An
 * older point cannot be compared with the live database.
 *
 * <p>
 * The replica is only read from, no faster than allowed, and the application's database
 * is read without SQL. The temporary files are gone afterwards. Not thread-safe.
 */
final class Drill {

	/** How many times a TXID may be compacted away before it is restored. */
	private static final int TRIES = 3;

	static final String UNDECIDED = "Neither replaces the other, and no snapshot is deleted, until you decide. "
			+ "Restore the backup to another file and compare. If the database is right: accept it "
			+ "(ReplicatedDatabase.acceptDatabase(), or POST /actuator/litestream/{name}/accept), and it is sent "
			+ "again. If the backup is right: stop the application, move the database file and its -wal away, and "
			+ "start again (litestream.restore.on-startup)";

	private static final Duration UPLOAD_TIMEOUT = Duration.ofMinutes(1);

	private final DatabaseOptions options;

	private final Replicator replicator;

	private final ReplicaClient client;

	private final DrillDirectory directory;

	private final Clock clock;

	private final Restorer restorer = new Restorer();

	private final long start = System.nanoTime();

	private boolean newest = true;

	private @Nullable Txid txid;

	private @Nullable Instant timestamp;

	private boolean compared;

	private boolean bad;

	private boolean differs;

	Drill(DatabaseOptions options, Replicator replicator, ReplicaClient client, DrillDirectory directory, Clock clock) {
		this.options = options;
		this.replicator = replicator;
		this.client = new ThrottledReplica(client, new Throttle(options.verificationBytesPerSecond()));
		this.directory = directory;
		this.clock = clock;
	}

	/**
	 * Verifies one point and returns the result. An interrupt ends the verification; the
	 * thread stays interrupted.
	 */
	VerificationResult run(Choice choice) {
		try {
			this.directory.create();
			this.client.open();
			RestoreTarget target = choice.choose(this.restorer, this.client);
			this.newest = target.equals(RestoreTarget.LATEST);
			return result(VerificationOutcome.VERIFIED, this.newest ? newest() : older(target));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return result(VerificationOutcome.SKIPPED, "The verification was interrupted");
		}
		catch (IOException | RuntimeException ex) {
			boolean proof = isProof(ex);
			this.differs = ex instanceof DifferenceException;
			this.bad = proof && !this.differs && !(ex instanceof DamagedDatabaseException)
					&& !(ex instanceof RuntimeException);
			return result(proof ? VerificationOutcome.FAILED : VerificationOutcome.SKIPPED, sentence(ex));
		}
		finally {
			removeFiles();
		}
	}

	/**
	 * Whether the newest state is bad in the replica, but not in the database.
	 */
	boolean isNewestBad() {
		return this.newest && this.bad;
	}

	/**
	 * Whether the newest state can be restored but differs from the database, and it is
	 * not known which of the two is right.
	 */
	boolean isDifferent() {
		return this.differs;
	}

	private VerificationResult result(VerificationOutcome outcome, String detail) {
		return new VerificationResult(outcome, this.newest, this.txid, this.timestamp, this.compared,
				this.clock.instant(), Duration.ofNanos(System.nanoTime() - this.start), detail);
	}

	/**
	 * Whether a failure shows that the backup is bad. All other failures say nothing
	 * about it: memory, descriptors, the disk and the network fail in more ways than can
	 * be listed.
	 */
	private boolean isProof(Exception failure) {
		if (failure instanceof RuntimeException || failure instanceof DifferenceException) {
			return true;
		}
		boolean bad = failure instanceof BadBackupException || failure instanceof DamagedDatabaseException
				|| failure instanceof DamagedImageException || failure instanceof CorruptLtxException
				|| failure instanceof BackupGapException || failure instanceof NoBackupException
				|| failure instanceof RestorePointMissingException || isMissingFile(failure);
		return bad && !this.directory.isFull() && areDamage(failure.getSuppressed())
				&& (failure.getCause() == null || areDamage(failure.getCause().getSuppressed()));
	}

	/** Why files of the backup were not used. */
	private boolean areDamage(Throwable[] reasons) {
		return Stream.of(reasons).allMatch((reason) -> reason instanceof CorruptLtxException || isMissingFile(reason));
	}

	private boolean isMissingFile(Throwable failure) {
		return failure instanceof NoSuchFileException missing
				&& !String.valueOf(missing.getFile()).startsWith(this.directory.file("").toString());
	}

	private static String sentence(Exception failure) {
		String message = failure.getMessage();
		return (failure instanceof NoSuchFileException) ? "A file of the backup is missing: " + message
				: (message != null) ? message : failure.toString();
	}

	private String newest() throws IOException, InterruptedException {
		for (int i = 0; i < TRIES; i++) {
			try (LivePages live = live()) {
				this.txid = live.txid();
				awaitReplicated(live.txid());
				return compare(live);
			}
			catch (RestorePointMissingException ex) {
				if (ex.after() == null) {
					throw new BadBackupException("The replica has acknowledged TXID " + this.txid
							+ " but holds it no more: " + ex.getMessage(), ex);
				}
				// compacted meanwhile: try again with the next one
			}
		}
		RestoreResult restored = restore(RestoreTarget.LATEST, this.replicator.status().counters().databaseBytes(),
				null);
		return proved(restored) + "; its pages could not be compared with the database, because each TXID was"
				+ " compacted away before it was restored";
	}

	private LivePages live() throws IOException, InterruptedException {
		try (StillImage image = this.replicator.still()) {
			if (image == null) {
				throw new SkippedException("The database is not being replicated (state "
						+ this.replicator.status().state() + "), so a restored state cannot be compared with it");
			}
			return LivePages.of(image, this.directory.file("pages"));
		}
		catch (SkippedException ex) {
			throw ex;
		}
		catch (IOException | SQLException | LitestreamException ex) {
			throw new SkippedException("The live database could not be read: " + sentence(ex), ex);
		}
	}

	private void awaitReplicated(Txid txid) throws IOException, InterruptedException {
		if (!this.replicator.awaitReplicated(txid, UPLOAD_TIMEOUT)) {
			throw new SkippedException("TXID " + txid + " did not reach the replica within "
					+ UPLOAD_TIMEOUT.toSeconds() + " s, so there was nothing to restore");
		}
	}

	private String compare(LivePages live) throws IOException {
		RestoreResult restored;
		try {
			restored = restore(RestoreTarget.of(live.txid()), live.bytes(), live);
		}
		catch (DamagedImageException ex) {
			if (live.isSame()) {
				throw new DamagedDatabaseException(
						"The live database is damaged, and the backup is identical to the page: " + ex.getMessage(),
						ex);
			}
			String fault = liveFault(null);
			if (fault != null) {
				throw new DifferenceException("The backup and the database are both damaged at TXID " + live.txid()
						+ ", and not in the same way. The backup: " + ex.getMessage() + ". The database: " + fault
						+ ". " + UNDECIDED, ex);
			}
			throw ex;
		}
		this.compared = true;
		String difference = live.difference(restored.pages());
		if (difference != null) {
			String fault = liveFault("it could not be checked");
			throw new DifferenceException(
					"The backup differs from the database at TXID " + live.txid() + ": " + difference + ". "
							+ ((fault != null) ? "SQLite finds the backup whole, but not the database: " + fault
									: "SQLite finds both whole, so it is not known which of the two has gone bad")
							+ ". " + UNDECIDED,
					null);
		}
		return proved(restored) + ", and all " + live.pages() + " pages are those of the database at that TXID";
	}

	/**
	 * SQLite's complaints about the live database, or {@code null}. If it cannot be
	 * checked, for example because it needs something that only the application defines,
	 * the answer is {@code unknown}, which may be {@code null}.
	 */
	private @Nullable String liveFault(@Nullable String unknown) {
		try {
			return LiveCheck.findings(this.options.file(), this.options.busyTimeout());
		}
		catch (SQLException ex) {
			return (unknown != null) ? unknown + " (" + ex.getMessage() + ")" : null;
		}
	}

	private String older(RestoreTarget target) throws IOException {
		RestorePlan plan = this.restorer.plan(this.client, target);
		this.txid = plan.txid();
		return proved(restore(target, size(plan), null));
	}

	private String proved(RestoreResult restored) {
		return "TXID " + restored.txid() + " was restored and " + soundness(restored);
	}

	private static String soundness(RestoreResult restored) {
		String checked = (restored.notCheckable() == null) ? "SQLite found it whole"
				: ((restored.checked() == IntegrityCheck.QUICK) ? "SQLite's quick check found it whole (the full one"
						: "not checked in full (SQLite's check")
						+ " could not run without something that the application defines: " + restored.notCheckable()
						+ ")";
		return restored.findings().isEmpty() ? checked
				: checked + " except for its content, which the application has to repair if it finds the same: "
						+ String.join("; ", restored.findings());
	}

	/** The size of the database that a plan restores, read from its last file. */
	private long size(RestorePlan plan) throws IOException {
		LtxFileInfo last = plan.files().get(plan.files().size() - 1);
		try (InputStream in = this.client.read(last, 0, LtxFormat.HEADER_SIZE)) {
			LtxHeader header = LtxHeader.decode(in.readNBytes(LtxFormat.HEADER_SIZE), 0);
			return header.commit() * header.pageSize();
		}
		catch (ReplicaUnavailableException | InterruptedIOException ex) {
			throw ex;
		}
		catch (IOException | IllegalArgumentException | IndexOutOfBoundsException ex) {
			// the restore reports the fault, or goes on without the file
			return this.replicator.status().counters().databaseBytes();
		}
	}

	private RestoreResult restore(RestoreTarget target, long databaseBytes, @Nullable LivePages live)
			throws IOException {
		this.directory.requireSpace(databaseBytes);
		Path copy = this.directory.file("copy.db");
		RestoreResult result = this.restorer.restore(this.client,
				new RestoreOptions(copy, target, IntegrityCheck.FULL, false), live);
		this.txid = result.txid();
		this.timestamp = result.timestamp();
		Files.delete(copy);
		return result;
	}

	private void removeFiles() {
		try {
			this.directory.remove();
		}
		catch (IOException ex) {
			BackupVerifier.logger.warn("{}: the copy made for a verification could not be removed; the next "
					+ "verification tries again: {}", this.options.name(), ex.toString());
		}
	}

	/** Chooses the point to verify. */
	@FunctionalInterface
	interface Choice {

		/** Chooses a target. The restorer lists the points of the opened replica. */
		RestoreTarget choose(Restorer restorer, ReplicaClient client) throws IOException;

	}

	/** The backup can be restored, but differs from the database. */
	private static final class DifferenceException extends IOException {

		private static final long serialVersionUID = 1L;

		DifferenceException(String message, @Nullable Throwable cause) {
			super(message, cause);
		}

	}

	/** The backup equals the database. */
	private static final class DamagedDatabaseException extends IOException {

		private static final long serialVersionUID = 1L;

		DamagedDatabaseException(String message, Throwable cause) {
			super(message, cause);
		}

	}

}
