package dev.litestream.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

import dev.litestream.IntegrityCheck;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's own check of a database file that nobody writes to, while it may still be
 * forced to disk. The file is opened as immutable: no lock is taken and no {@code -wal}
 * or {@code -shm} appears beside it.
 * <p>
 * If the check needs something that only the application defines, or fails on a virtual
 * table, a weaker check runs, and in the end one of each ordinary table by itself: a
 * table that cannot be checked says nothing about the file. Not thread-safe.
 */
final class ImageCheck {

	/**
	 * Every table, b-trees first; the check of the first one includes the free list.
	 */
	private static final String TABLES = """
			SELECT 'sqlite_schema', TRUE
			UNION ALL SELECT * FROM (SELECT name, rootpage > 0 FROM sqlite_schema WHERE type = 'table' ORDER BY 2 DESC)""";

	private final Path image;

	private final IntegrityCheck level;

	private final Future<Outcome> result;

	private volatile @Nullable Statement running;

	/** Starts a check of a completely written file on the executor. */
	ImageCheck(Path image, IntegrityCheck level, ExecutorService executor) {
		this.image = image;
		this.level = level;
		this.result = executor.submit(this::check);
	}

	/**
	 * Waits for the result. After an interrupt the check has ended. Throws
	 * {@link DamagedImageException} if the database is damaged; any other exception means
	 * that it could not be checked, which says nothing about it.
	 */
	Outcome await() throws IOException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					Outcome outcome = this.result.get();
					if (interrupted) {
						break;
					}
					if (!outcome.damage().isEmpty()) {
						throw new DamagedImageException(String.join("; ", outcome.damage()), null);
					}
					return outcome;
				}
				catch (InterruptedException ex) {
					interrupted = true;
					cancel();
				}
			}
		}
		catch (ExecutionException ex) {
			if (!interrupted) {
				if (ex.getCause() instanceof SQLException failure
						&& SqliteFailure.of(failure) == SqliteFailure.DAMAGE) {
					throw new DamagedImageException(String.valueOf(failure.getMessage()), failure);
				}
				throw new IOException("The restored database could not be checked, which says nothing about it, and was"
						+ " not put in place: " + ex.getCause()
						+ ". Make sure that there is enough memory, disk space and file descriptors, and "
						+ "restore again", ex.getCause());
			}
		}
		Thread.currentThread().interrupt();
		throw new InterruptedIOException("The restore was interrupted while it checked the database");
	}

	private void cancel() {
		Statement statement = this.running;
		if (statement != null) {
			try {
				statement.cancel();
			}
			catch (SQLException ex) {
				// it has ended by itself
			}
		}
	}

	private Outcome check() throws SQLException {
		if (this.level == IntegrityCheck.NONE) {
			return new Outcome(IntegrityCheck.NONE, List.of(), List.of(), null);
		}
		try (Connection connection = DriverManager.getConnection(url(this.image))) {
			try {
				return whole(this.level, connection, null);
			}
			catch (SQLException ex) {
				if (this.level != IntegrityCheck.FULL || SqliteFailure.of(ex) != SqliteFailure.LACKS_APPLICATION) {
					return tableByTable(connection, ex);
				}
				try {
					return whole(IntegrityCheck.QUICK, connection, ex);
				}
				catch (SQLException again) {
					return tableByTable(connection, again);
				}
			}
		}
	}

	private Outcome whole(IntegrityCheck check, Connection connection, @Nullable SQLException lacking)
			throws SQLException {
		Findings findings = new Findings();
		run((check == IntegrityCheck.FULL) ? "integrity_check" : "quick_check", String.valueOf(Findings.MOST),
				connection, findings);
		return new Outcome(check, findings.damage(), findings.content(),
				(lacking != null) ? lacking.getMessage() : null);
	}

	/**
	 * An object that stops the check of the whole database need not stop the check of
	 * most tables.
	 */
	private Outcome tableByTable(Connection connection, SQLException stopped) throws SQLException {
		Findings findings = new Findings();
		List<String> missing = new ArrayList<>();
		boolean all = true;
		try {
			for (Map.Entry<String, Boolean> table : tables(connection).entrySet()) {
				String name = table.getKey();
				boolean ordinary = table.getValue();
				try {
					run("quick_check", '"' + name.replace("\"", "\"\"") + '"', connection, findings);
				}
				catch (SQLException ex) {
					if (isLacking(ex)) {
						missing.add("table '" + name + "': " + ex.getMessage());
						all &= !ordinary;
					}
					else {
						findings.add(ordinary, "table '" + name + "': " + ex.getMessage());
					}
				}
			}
		}
		catch (SQLException ex) {
			// the schema cannot be read
			if (!isLacking(ex)) {
				findings.add(true, String.valueOf(ex.getMessage()));
			}
			all = false;
		}
		return new Outcome(all ? IntegrityCheck.QUICK : IntegrityCheck.NONE, findings.damage(), findings.content(),
				missing.isEmpty() ? stopped.getMessage() : String.join("; ", missing));
	}

	/**
	 * Whether the check found nothing, because it needs something that is not in the
	 * file.
	 */
	private static boolean isLacking(SQLException failure) throws SQLException {
		return switch (SqliteFailure.of(failure)) {
			case LACKS_APPLICATION, OTHER -> true;
			case DAMAGE -> false;
			case MACHINE -> throw failure;
		};
	}

	/** The tables, and whether each is a b-tree. */
	private static Map<String, Boolean> tables(Connection connection) throws SQLException {
		Map<String, Boolean> tables = new LinkedHashMap<>();
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(TABLES)) {
			while (rows.next()) {
				tables.put(rows.getString(1), rows.getBoolean(2));
			}
		}
		return tables;
	}

	private void run(String pragma, String argument, Connection connection, Findings findings) throws SQLException {
		List<String> rows = new ArrayList<>();
		try (Statement statement = connection.createStatement()) {
			this.running = statement;
			try (ResultSet answer = statement.executeQuery("PRAGMA " + pragma + "(" + argument + ")")) {
				while (answer.next()) {
					rows.add(answer.getString(1));
				}
			}
			finally {
				this.running = null;
			}
		}
		for (String row : rows) {
			findings.add(row, connection);
		}
	}

	/**
	 * The URL that opens a file without locks; characters that would end or change the
	 * path are escaped.
	 */
	static String url(Path image) {
		StringBuilder url = new StringBuilder("jdbc:sqlite:file:");
		for (byte b : image.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8)) {
			char c = (char) (b & 0xff);
			if (c < 0x80 && (Character.isLetterOrDigit(c) || "/._-".indexOf(c) >= 0)) {
				url.append(c);
			}
			else {
				url.append(String.format(Locale.ROOT, "%%%02x", (int) c));
			}
		}
		return url.append("?mode=ro&immutable=1").toString();
	}

	/**
	 * The result of a check: the check that ran, the damage, findings that the live
	 * database has too, and what a stronger check lacked, or {@code null}. All in
	 * SQLite's words.
	 */
	record Outcome(IntegrityCheck done, List<String> damage, List<String> findings, @Nullable String missing) {
	}

}
