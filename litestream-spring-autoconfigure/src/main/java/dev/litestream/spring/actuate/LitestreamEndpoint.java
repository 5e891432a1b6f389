package dev.litestream.spring.actuate;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.LitestreamVersion;
import dev.litestream.spring.UsageDetails;
import dev.litestream.spring.actuate.DatabaseDescriptor.DatabaseSummary;
import dev.litestream.spring.actuate.OperationDescriptor.Outcome;
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
		Map<String, DatabaseSummary> databases = new LinkedHashMap<>();
		this.litestream.databases()
			.forEach((database) -> databases.put(selector(database), DatabaseSummary.of(database)));
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
			return OperationDescriptor.of(name, operation, Outcome.UNKNOWN_DATABASE,
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

}
