package dev.litestream.spring.doctor;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;

import dev.litestream.Litestream;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.spring.OwnConnection;
import dev.litestream.sqlite.SqliteVersion;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;

import org.springframework.util.ClassUtils;

/**
 * Looks for problems of SQLite in a Spring application: in the driver, in the disk, and
 * at one connection of each DataSource that leads to a replicated database. Thread-safe.
 */
public class SqliteDoctor {

	private static final Log logger = LogFactory.getLog(SqliteDoctor.class);

	private static final Path MAPS = Path.of("/proc/self/maps");

	private final Litestream litestream;

	private final Supplier<KnownDataSources> dataSources;

	private final Collection<Path> configured;

	private final boolean jpa;

	private final boolean openInView;

	private final List<String> dropping;

	private final Set<String> ignored;

	private final Clock clock;

	private volatile @Nullable SqliteReport last;

	/**
	 * Creates a doctor; looks at nothing yet.
	 * @param litestream the replicated databases
	 * @param dataSources gives the application's DataSources
	 * @param configured the files of databases that are configured one by one
	 * @param jpa whether the application uses JPA
	 * @param openInView whether requests keep a connection until their view is rendered
	 * @param dropping settings by which tables are dropped, as {@code key=value}
	 * @param ignored ids of findings not to report
	 * @param clock the time of reports
	 */
	public SqliteDoctor(Litestream litestream, Supplier<KnownDataSources> dataSources, Collection<Path> configured,
			boolean jpa, boolean openInView, Collection<String> dropping, Collection<String> ignored, Clock clock) {
		this.litestream = litestream;
		this.dataSources = dataSources;
		this.configured = List.copyOf(configured);
		this.jpa = jpa;
		this.openInView = openInView;
		this.dropping = List.copyOf(dropping);
		this.ignored = Set.copyOf(ignored);
		this.clock = clock;
	}

	/**
	 * What was found the last time; looks now if that has not happened yet.
	 * @return the report
	 */
	public SqliteReport report() {
		SqliteReport last = this.last;
		return (last != null) ? last : examine();
	}

	/**
	 * What was found the last time. Never looks.
	 * @return the report, or {@code null} if it has not looked yet
	 */
	public @Nullable SqliteReport lastReport() {
		return this.last;
	}

	/**
	 * Looks now. For each DataSource that leads to a replicated database, opens a
	 * connection like those of the application, and takes none of these.
	 * @return the report
	 * @throws LitestreamException if a connection is set up in a way that does not go
	 * with replication
	 */
	public SqliteReport examine() {
		List<Finding> findings = new ArrayList<>();
		SqliteVersion version = version();
		findings.addAll(DriverChecks.of(version, classLoader(), MAPS).findings());
		for (ReplicatedDatabase database : this.litestream.databases()) {
			findings.addAll(StorageCheck.of(database.path()).findings());
		}
		KnownDataSources known = this.dataSources.get();
		for (KnownDataSource dataSource : known.sqlite()) {
			Path file = dataSource.file();
			ReplicatedDatabase database = (file != null) ? this.litestream.database(file) : null;
			if (database != null) {
				findings.addAll(examine(dataSource, database));
			}
		}
		findings
			.addAll(new UseChecks(this.litestream, this.configured, known, this.openInView, this.dropping).findings());
		findings.removeIf((finding) -> this.ignored.contains(finding.id()));
		SqliteReport report = new SqliteReport(this.clock.instant(), version.text(), findings);
		this.last = report;
		return report;
	}

	private List<Finding> examine(KnownDataSource dataSource, ReplicatedDatabase database) {
		String subject = dataSource + " of " + database.name();
		try (Connection connection = OwnConnection.like(dataSource.dataSource())) {
			if (connection == null) {
				return List.of(new Finding("not-examined", Severity.INFO, subject,
						"Its class is not known to open a connection without taking it from the application, so what"
								+ " its settings are is not known.",
						"Set litestream.doctor.ignore=not-examined if that is fine."));
			}
			return new ConnectionChecks(subject, ConnectionSettings.of(connection), dataSource.poolSize(),
					Runtime.getRuntime().availableProcessors(), this.jpa)
				.findings();
		}
		catch (SQLException | RuntimeException ex) {
			for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
				if (cause instanceof LitestreamException refused) {
					throw refused;
				}
			}
			logger.debug("The SQLite doctor cannot look at " + dataSource, ex);
			return List.of(new Finding("not-examined", Severity.INFO, subject,
					String.format(Locale.ROOT, "No connection could be examined (%s), so its settings are not known.",
							ex.getClass().getSimpleName()),
					String.format(Locale.ROOT,
							"Set logging.level.%s=debug to see why, and call SqliteDoctor.examine() once connections can be had.",
							SqliteDoctor.class.getPackageName())));
		}
	}

	private static SqliteVersion version() {
		try (Connection connection = new JDBC().connect("jdbc:sqlite::memory:", new Properties())) {
			return SqliteVersion.of(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("SQLite does not tell its version", ex);
		}
	}

	private static ClassLoader classLoader() {
		ClassLoader classLoader = ClassUtils.getDefaultClassLoader();
		return (classLoader != null) ? classLoader : SqliteDoctor.class.getClassLoader();
	}

	/** Looks, and writes what was found into the log, each finding in one line. */
	public void examineAndLog() {
		for (Finding finding : examine().findings()) {
			switch (finding.severity()) {
				case ERROR -> logger.error(finding.toLog());
				case WARNING -> logger.warn(finding.toLog());
				case INFO -> logger.info(finding.toLog());
			}
		}
	}

}
