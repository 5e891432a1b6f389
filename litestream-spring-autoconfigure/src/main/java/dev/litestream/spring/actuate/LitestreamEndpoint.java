package dev.litestream.spring.actuate;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.Litestream;
import dev.litestream.LtxFile;
import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.ReplicationState;
import dev.litestream.RestorePoint;
import dev.litestream.RestorePoints;
import dev.litestream.RestoreResult;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import dev.litestream.spring.LitestreamVersion;
import dev.litestream.spring.UsageDetails;
import dev.litestream.spring.doctor.SqliteReport;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * {@link Endpoint} of the replicated databases: what is known about them, and, if
 * {@code management.endpoint.litestream.access} is {@code unrestricted}, operations on
 * them. A database is selected by its name, in which a colon stands for a slash.
 */
@Endpoint(id = "litestream", defaultAccess = Access.READ_ONLY)
public class LitestreamEndpoint {

	private final Litestream litestream;

	private final Supplier<@Nullable SqliteReport> doctor;

	private final RestoreDirectory restoreDirectory;

	private final VerificationLimit verificationLimit;

	/**
	 * Creates an endpoint.
	 * @param litestream the databases
	 * @param doctor gives the SQLite doctor's last report, or {@code null} if there is
	 * none; opens no connection
	 * @param restoreDirectory the directory below which it may restore to new files, or
	 * {@code null} if it may not restore
	 * @param verifyInterval the shortest time between two verifications of one database;
	 * zero for no limit
	 */
	public LitestreamEndpoint(Litestream litestream, Supplier<@Nullable SqliteReport> doctor,
			@Nullable Path restoreDirectory, Duration verifyInterval) {
		this.litestream = litestream;
		this.doctor = doctor;
		this.restoreDirectory = new RestoreDirectory(restoreDirectory);
		this.verificationLimit = new VerificationLimit(verifyInterval, System::nanoTime);
	}

	/**
	 * All databases.
	 * @return a summary of each, and what the SQLite doctor found
	 */
	@ReadOperation
	public DatabasesDescriptor databases() {
		Map<String, DatabaseDescriptor.DatabaseSummary> databases = new LinkedHashMap<>();
		this.litestream.databases()
			.forEach((database) -> databases.put(selector(database), DatabaseDescriptor.DatabaseSummary.of(database)));
		return new DatabasesDescriptor(LitestreamVersion.get(), LitestreamVersion.ofSqlite(), databases,
				this.doctor.get());
	}

	/**
	 * One database.
	 * @param name its name
	 * @return everything that is known about it, or {@code null} if there is none
	 */
	@ReadOperation
	public @Nullable DatabaseDescriptor database(@Selector String name) {
		ReplicatedDatabase database = find(name);
		return (database != null) ? DatabaseDescriptor.of(database, UsageDetails.of(database.replicaUsage())) : null;
	}

	/**
	 * What a database's replica holds, listed anew.
	 * @param name the database's name
	 * @param part {@code ltx} for its files or {@code restore-points}
	 * @return the listing, or {@code null} if there is no such database or part
	 */
	@ReadOperation
	public @Nullable OperationResponseBody replica(@Selector String name, @Selector String part) {
		ReplicatedDatabase database = find(name);
		if (database == null) {
			return null;
		}
		return switch (part) {
			case "ltx" -> LtxFilesDescriptor.of(database.ltxFiles());
			case "restore-points" -> RestorePointsDescriptor.of(database.restorePoints());
			default -> null;
		};
	}

	/**
	 * Does something with a database.
	 * @param name its name
	 * @param operation {@code sync}, {@code snapshot}, {@code verify}, {@code restore} or
	 * {@code accept}
	 * @param timeout for {@code sync} and {@code snapshot}, the longest time to wait for
	 * the replica; 30 seconds by default
	 * @param txid for {@code verify} and {@code restore}, the position; the latest by
	 * default
	 * @param timestamp instead of the position, an instant: the newest position that was
	 * written not after it
	 * @param file for {@code restore}, the file to create, below the directory that it
	 * may restore to; never one that exists
	 * @return how it ended
	 */
	@WriteOperation
	public OperationDescriptor run(@Selector String name, @Selector String operation, @Nullable Duration timeout,
			@Nullable String txid, @Nullable String timestamp, @Nullable String file) {
		ReplicatedDatabase database = find(name);
		if (database == null) {
			return OperationDescriptor.of(name, operation, OperationDescriptor.Outcome.UNKNOWN_DATABASE,
					"No database has that name; the list of /actuator/litestream has all of them");
		}
		return new DatabaseOperations(database, operation, this.restoreDirectory, this.verificationLimit).run(timeout,
				txid, timestamp, file);
	}

	private @Nullable ReplicatedDatabase find(String selector) {
		ReplicatedDatabase database = this.litestream.database(selector);
		if (database != null) {
			return database;
		}
		return this.litestream.databases()
			.stream()
			.filter((candidate) -> selector(candidate).equals(selector))
			.findFirst()
			.orElse(null);
	}

	/** A name may be a path, which no path segment of a URL can be. */
	private static String selector(ReplicatedDatabase database) {
		return database.name().replace('/', ':').replace('\\', ':');
	}

	/**
	 * The replicated databases.
	 *
	 * @param version the version of Litestream for the JVM, or {@code null} if unknown
	 * @param sqliteVersion the version of SQLite, or {@code null} if unknown
	 * @param databases by the name that selects them
	 * @param doctor what the SQLite doctor found the last time it looked, or {@code null}
	 * if it has not
	 */
	public record DatabasesDescriptor(@Nullable String version, @Nullable String sqliteVersion,
			Map<String, DatabaseDescriptor.DatabaseSummary> databases,
			@Nullable SqliteReport doctor) implements OperationResponseBody {

	}

	/**
	 * Everything that is known about one database.
	 *
	 * @param summary what the list shows of it
	 * @param startupRestore what was restored when the application started, or
	 * {@code null}
	 * @param counters what has been counted since the start
	 * @param levels what became of the replica's files since the start
	 * @param verification what is known from verifying the backup
	 * @param durability what the replica's acknowledgements are worth, or {@code null} if
	 * unknown
	 * @param findings what an operator should know about the storage, worst first
	 * @param usage what the replica holds, or {@code null} if unknown
	 */
	public record DatabaseDescriptor(DatabaseSummary summary, @Nullable Restored startupRestore,
			DatabaseStatus.Counters counters, List<DatabaseStatus.Level> levels, Verification verification,
			@Nullable Durability durability, List<ReplicaFinding> findings,
			@Nullable Map<String, Object> usage) implements OperationResponseBody {

		static DatabaseDescriptor of(ReplicatedDatabase database, @Nullable Map<String, Object> usage) {
			DatabaseStatus status = database.status();
			return new DatabaseDescriptor(DatabaseSummary.of(database), Restored.of(database.startupRestore()),
					status.counters(), status.levels().levels(), Verification.of(status.verification()),
					status.condition().durability(), status.condition().findings(), usage);
		}

		/**
		 * A database in a list.
		 *
		 * @param path the database file
		 * @param replica where it is replicated to, without user information
		 * @param replicaType the kind of replica
		 * @param state what replication is doing
		 * @param txid the newest local position, or {@code null} if none is known
		 * @param replicatedTxid the newest position that the replica has acknowledged, or
		 * {@code null} if none is known
		 * @param inSync whether nothing waits for the replica
		 * @param lag how long the oldest commit that is not replicated has been waiting
		 * @param lastSync when a sync last ended with everything replicated, or
		 * {@code null}
		 * @param lastError the last failure in a sentence, or {@code null}
		 * @param lastErrorAt when that failure happened, or {@code null}
		 */
		public record DatabaseSummary(String path, String replica, String replicaType, ReplicationState state,
				@Nullable String txid, @Nullable String replicatedTxid, boolean inSync, Duration lag,
				@Nullable Instant lastSync, @Nullable String lastError, @Nullable Instant lastErrorAt) {

			static DatabaseSummary of(ReplicatedDatabase database) {
				DatabaseStatus status = database.status();
				return new DatabaseSummary(status.path().toString(), status.replica(), database.replicaType(),
						status.state(), status.txid().digits(), status.replicatedTxid().digits(), status.inSync(),
						status.lag(), status.lastSync(), status.lastError(), status.lastErrorAt());
			}

		}

		/**
		 * What was restored.
		 *
		 * @param txid the position
		 * @param timestamp when that position was written
		 * @param files how many LTX files were read
		 * @param bytesRead how many bytes they hold
		 * @param took how long it took
		 */
		public record Restored(String txid, Instant timestamp, int files, long bytesRead, Duration took) {

			static @Nullable Restored of(@Nullable RestoreResult result) {
				return (result != null) ? new Restored(result.txid().toString(), result.timestamp(), result.files(),
						result.bytesRead(), result.took()) : null;
			}

		}

		/**
		 * What is known from verifying the backup.
		 *
		 * @param verifiedTxid the last position that was proved to restore, or
		 * {@code null}
		 * @param verifiedAt when that was proved, or {@code null}
		 * @param failure what was found wrong and not put right since, or {@code null}
		 * @param failedAt when that was found, or {@code null}
		 * @param verified verifications that proved their point
		 * @param failed verifications that failed
		 * @param skipped verifications that could not be carried out
		 */
		public record Verification(@Nullable String verifiedTxid, @Nullable Instant verifiedAt,
				@Nullable String failure, @Nullable Instant failedAt, long verified, long failed, long skipped) {

			static Verification of(VerificationStatus status) {
				VerificationResult proved = status.lastVerified();
				VerificationResult failure = status.failure();
				return new Verification((proved != null && proved.txid() != null) ? proved.txid().toString() : null,
						(proved != null) ? proved.at() : null, (failure != null) ? failure.detail() : null,
						(failure != null) ? failure.at() : null, status.verified(), status.failed(), status.skipped());
			}

		}

	}

	/**
	 * The LTX files of a replica.
	 *
	 * @param levels the levels that hold files, ascending
	 */
	public record LtxFilesDescriptor(List<Level> levels) implements OperationResponseBody {

		static LtxFilesDescriptor of(List<LtxFile> files) {
			Map<Integer, List<File>> levels = new TreeMap<>();
			for (LtxFile file : files) {
				levels.computeIfAbsent(file.level(), (level) -> new ArrayList<>())
					.add(new File(file.name(), file.minTxid().toString(), file.maxTxid().toString(), file.size(),
							file.createdAt()));
			}
			return new LtxFilesDescriptor(levels.entrySet()
				.stream()
				.map((entry) -> new Level(entry.getKey(), entry.getValue().size(),
						entry.getValue().stream().mapToLong(File::size).sum(), entry.getValue()))
				.toList());
		}

		/**
		 * A level.
		 *
		 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
		 * @param count how many files it holds
		 * @param size their size, in bytes
		 * @param files the files, ascending by TXID
		 */
		public record Level(int level, int count, long size, List<File> files) {

		}

		/**
		 * A file.
		 *
		 * @param name its name within the level
		 * @param minTxid the first position it holds
		 * @param maxTxid the last position it holds
		 * @param size its size, in bytes
		 * @param createdAt when its last position was written
		 */
		public record File(String name, String minTxid, String maxTxid, long size, Instant createdAt) {

		}

	}

	/**
	 * The points that a replica can restore.
	 *
	 * @param oldest the oldest, or {@code null} if there is none
	 * @param newest the newest, or {@code null} if there is none
	 * @param levels the levels that have points, ascending
	 */
	public record RestorePointsDescriptor(@Nullable Point oldest, @Nullable Point newest,
			List<Level> levels) implements OperationResponseBody {

		static RestorePointsDescriptor of(RestorePoints points) {
			RestorePoint oldest = points.oldest();
			RestorePoint newest = points.newest();
			return new RestorePointsDescriptor((oldest != null) ? Point.of(oldest) : null,
					(newest != null) ? Point.of(newest) : null,
					points.levels()
						.stream()
						.filter((level) -> !level.points().isEmpty())
						.map((level) -> new Level(level.level(), level.points().stream().map(Point::of).toList()))
						.toList());
		}

		/**
		 * The points that the files of a level end at.
		 *
		 * @param level 0 raw, 1 to 8 compactions, 9 snapshots
		 * @param points ascending
		 */
		public record Level(int level, List<Point> points) {

		}

		/**
		 * A point.
		 *
		 * @param txid the position
		 * @param timestamp when it was written
		 */
		public record Point(String txid, Instant timestamp) {

			static Point of(RestorePoint point) {
				return new Point(point.txid().toString(), point.timestamp());
			}

		}

	}

	/**
	 * What became of a write operation.
	 *
	 * @param database the database
	 * @param operation what was asked for
	 * @param outcome how it ended
	 * @param detail in a sentence
	 * @param txid the position that it came to, or {@code null}
	 * @param timestamp when that position was written, or {@code null}
	 * @param file the file that was written, or {@code null}
	 * @param size the bytes that were written, or {@code null}
	 * @param took how long it took, or {@code null}
	 */
	public record OperationDescriptor(String database, String operation, Outcome outcome, String detail,
			@Nullable String txid, @Nullable Instant timestamp, @Nullable String file, @Nullable Long size,
			@Nullable Duration took) implements OperationResponseBody {

		static OperationDescriptor of(String database, String operation, Outcome outcome, String detail) {
			return new OperationDescriptor(database, operation, outcome, detail, null, null, null, null, null);
		}

		/** How an operation ended. */
		public enum Outcome {

			/** It did what was asked for. */
			SUCCEEDED,

			/** There is no such database. */
			UNKNOWN_DATABASE,

			/** What was asked for makes no sense. */
			INVALID,

			/** It failed, or a verification found the backup bad. */
			FAILED,

			/** It did not end in time, or could not be carried out now. */
			NOT_NOW

		}

	}

}
