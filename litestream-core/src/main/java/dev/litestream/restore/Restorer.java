package dev.litestream.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.IntegrityCheck;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.FileAccess;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores a database file from a replica: lists, plans, reads, writes, checks, and puts
 * the file in its place in one step. All files are read to their verified end before
 * that. If one of them is missing or broken, a new plan is made without it. Thread-safe.
 */
public final class Restorer {

	private static final Logger logger = LoggerFactory.getLogger(Restorer.class);

	private static final int NEW_PLANS = 3;

	private final Clock clock;

	private final @Nullable Path model;

	/**
	 * Creates a restorer of files with the usual mode of a new file, like that of a new
	 * SQLite database.
	 */
	public Restorer() {
		this(Clock.systemUTC());
	}

	/**
	 * Creates a restorer of files that have the owner and mode of another one.
	 * @param model the database that is replicated, or a file with its owner and mode; it
	 * need not exist
	 */
	public Restorer(Path model) {
		this(Clock.systemUTC(), model);
	}

	Restorer(Clock clock) {
		this(clock, null);
	}

	private Restorer(Clock clock, @Nullable Path model) {
		this.clock = clock;
		this.model = model;
	}

	/**
	 * Restores. An interrupt ends the restore; the thread stays interrupted.
	 * @param client the replica, opened
	 * @param options what and how
	 * @param digests receives each page in order as it is written, except the lock page,
	 * or {@code null}; it starts again from page 1 if a file turns out to be broken, and
	 * its pages are of no use if the restore fails
	 * @return what was restored
	 * @throws NoBackupException if the replica holds no file at all
	 * @throws RestorePointMissingException if the target is not one of the points that
	 * can be restored
	 * @throws BackupGapException if files are missing or unreadable on the way
	 * @throws java.nio.file.FileAlreadyExistsException if there is a database that must
	 * not be overwritten
	 * @throws InterruptedIOException if the thread is interrupted
	 * @throws IOException if the replica cannot be read, the output cannot be written, or
	 * the database is damaged
	 */
	public RestoreResult restore(ReplicaClient client, RestoreOptions options, @Nullable PageSink digests)
			throws IOException {
		long start = System.nanoTime();
		FileAccess access = (this.model != null && Files.exists(this.model)) ? FileAccess.of(this.model) : null;
		RestoreOutput output = RestoreOutput.prepare(options.output(), options.overwrite(), access, this.clock);
		Plans plans = new Plans(client, options.target());
		RestorePlan plan = plans.next();
		try {
			return restore(client, options, digests, output, plans, plan, start);
		}
		catch (IOException ex) {
			throw FullDisk.explain(ex, output.database());
		}
	}

	private RestoreResult restore(ReplicaClient client, RestoreOptions options, @Nullable PageSink digests,
			RestoreOutput output, Plans plans, RestorePlan first, long start) throws IOException {
		RestorePlan plan = first;
		try (StagingDirectory staging = StagingDirectory.create(output.database())) {
			while (true) {
				logger.atInfo()
					.addKeyValue("txid", plan.txid())
					.log("Restoring {} from {} to TXID {}: {} files with {} bytes", output.database(),
							client.location(), plan.txid(), plan.files().size(), plan.bytes());
				try {
					Path image = staging.newFile();
					ImageBuild.Built built = new ImageBuild(client, plan, image, options.integrityCheck(), digests)
						.run();
					LtxHeader header = built.header();
					if (digests != null) {
						digests.complete(image, plan.txid(), header.commit());
					}
					output.publish(image);
					Duration took = Duration.ofNanos(System.nanoTime() - start);
					logger.atInfo()
						.addKeyValue("txid", plan.txid())
						.log("Restored {} to TXID {} of {}: {} pages of {} bytes in {} s", output.database(),
								plan.txid(), plan.timestamp(), header.commit(), header.pageSize(),
								took.toMillis() / 1000.0);
					warnOf(output, built.check());
					return new RestoreResult(options.output(), plan.txid(), plan.timestamp(), header.pageSize(),
							header.commit(), plan.files().size(), plan.bytes(), took, built.check().done(),
							built.check().missing(), built.check().findings());
				}
				catch (UnusableLtxException ex) {
					staging.clear();
					plan = plans.without(ex);
				}
			}
		}
	}

	private static void warnOf(RestoreOutput output, ImageCheck.Outcome check) {
		if (!check.findings().isEmpty()) {
			logger.warn(
					"{} is restored with the pages that the backup holds, and SQLite complains about their "
							+ "content: {}. It would say the same about the database that was replicated, unless "
							+ "the application loads an extension that is missing here. If it says so in the "
							+ "application, repair it there (REINDEX, or the rebuild command of a full-text table)",
					output.database(), String.join("; ", check.findings()));
		}
		if (check.missing() != null) {
			logger.warn(
					"{} could not be checked fully ({}): the check needs something that only the application "
							+ "defines: {}",
					output.database(), (check.done() == IntegrityCheck.NONE) ? "SQLite has not checked all of it"
							: "a quick check found it whole",
					check.missing());
		}
	}

	/**
	 * Chooses the files that would be restored, from a new listing.
	 * @param client the replica, opened
	 * @param target the point to reach
	 * @return the plan
	 * @throws NoBackupException if the replica holds no file at all
	 * @throws RestorePointMissingException if the target is not one of the points that
	 * can be restored
	 * @throws BackupGapException if files are missing on the way
	 * @throws IOException if the replica cannot be read
	 */
	public RestorePlan plan(ReplicaClient client, RestoreTarget target) throws IOException {
		return new Plans(client, target).next();
	}

	/**
	 * Says which points can be restored, from a new listing. The files' content is not
	 * read.
	 * @param client the replica, opened
	 * @return the points
	 * @throws IOException if the replica cannot be read
	 */
	public RestorePoints points(ReplicaClient client) throws IOException {
		return new RestorePlanner(client.location(), client.listAll(), List.of()).points();
	}

	/**
	 * Removes the leftovers of restores of a database that were killed, for example right
	 * before they had ended. Each restore does this too.
	 * @param output the database file
	 * @throws IOException if it cannot be removed
	 */
	public static void removeLeftovers(Path output) throws IOException {
		StagingDirectory.removeLeftovers(output);
	}

	/** Receives every page of a restored database, in ascending order. */
	@FunctionalInterface
	public interface PageSink {

		/**
		 * One page as it was written.
		 * @param pgno the page number
		 * @param page holds the page at its start; valid during the call only
		 * @param pageSize the page's length, in bytes
		 * @throws IOException if the page cannot be taken
		 */
		void page(long pgno, byte[] page, int pageSize) throws IOException;

		/**
		 * All pages are written, and the file is about to take the database's name.
		 * @param image the file, which keeps its inode
		 * @param txid the position restored
		 * @param pages size of the database, in pages
		 * @throws IOException if the restore is to fail
		 */
		default void complete(Path image, Txid txid, long pages) throws IOException {
			// Not needed by a consumer that only looks at pages.
		}

	}

	/**
	 * The plans of one restore, each from a new listing and without what was unusable. A
	 * file that retention has deleted is no longer listed. A file that is listed but not
	 * there is as bad as a corrupt one: its content is missing.
	 */
	private static final class Plans {

		private final ReplicaClient client;

		private final RestoreTarget target;

		private final Set<LtxFileInfo> unusable = new HashSet<>();

		private final List<IOException> reasons = new ArrayList<>();

		private int left = NEW_PLANS;

		Plans(ReplicaClient client, RestoreTarget target) {
			this.client = client;
			this.target = target;
		}

		RestorePlan next() throws IOException {
			return new RestorePlanner(this.client.location(), this.client.listAll(), this.unusable).plan(this.target);
		}

		RestorePlan without(UnusableLtxException unusable) throws IOException {
			unusable.failures().forEach((failure) -> this.reasons.add(failure.cause()));
			if (this.left-- == 0) {
				throw withReasons(unusable.reason());
			}
			this.unusable.addAll(unusable.missing());
			this.unusable.addAll(unusable.corrupt());
			logger.warn("Planning the restore again: missing {}, unreadable {}", unusable.missing(), unusable.corrupt(),
					unusable.reason());
			try {
				return next();
			}
			catch (IOException ex) {
				throw withReasons(ex);
			}
		}

		/** Callers that judge the backup have to know why files were not used. */
		private IOException withReasons(IOException failure) {
			for (IOException reason : this.reasons) {
				if (reason != failure) {
					failure.addSuppressed(reason);
				}
			}
			return failure;
		}

	}

}
