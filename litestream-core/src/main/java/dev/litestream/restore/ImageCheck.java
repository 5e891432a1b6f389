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
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

import dev.litestream.IntegrityCheck;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's own check of a database file that nobody writes to, while it may still be
 * forced to disk. The file is opened as immutable: no lock is taken and no {@code -wal}
 * or {@code -shm} appears beside it. Where the check would need what only the application
 * defines, a weaker one is run, or none: that says nothing about the file. Not safe for
 * several threads.
 */
final class ImageCheck {

	/** Collations, functions and modules of the application, which we lack. */
	private static final Pattern APPLICATION_DEFINED = Pattern
		.compile("no such collation sequence|unknown function|no such function|no such module|unknown tokenizer");

	private final Path image;

	private final IntegrityCheck level;

	private final Future<Outcome> result;

	private volatile @Nullable Statement running;

	/**
	 * Starts the check.
	 * @param image the file, completely written
	 * @param level what to check
	 * @param executor runs the check
	 */
	ImageCheck(Path image, IntegrityCheck level, ExecutorService executor) {
		this.image = image;
		this.level = level;
		this.result = executor.submit(this::check);
	}

	/**
	 * Waits for the result.
	 * @return what was checked
	 * @throws InterruptedIOException if the thread is interrupted; the check has ended
	 * then
	 * @throws DamagedImageException if the database is damaged or could not be checked
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
					if (!outcome.isWhole()) {
						throw new DamagedImageException(outcome.answer(), null);
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
				throw new DamagedImageException(String.valueOf(ex.getCause().getMessage()), ex.getCause());
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
		String missing = null;
		IntegrityCheck check = this.level;
		while (check != IntegrityCheck.NONE) {
			try {
				return new Outcome(check, run(check), missing);
			}
			catch (SQLException ex) {
				if (!isForLackOfTheApplication(ex)) {
					throw ex;
				}
				missing = ex.getMessage();
				check = (check == IntegrityCheck.FULL) ? IntegrityCheck.QUICK : IntegrityCheck.NONE;
			}
		}
		return new Outcome(check, Outcome.WHOLE, missing);
	}

	private static boolean isForLackOfTheApplication(SQLException failure) {
		String message = failure.getMessage();
		return message != null && APPLICATION_DEFINED.matcher(message).find();
	}

	private String run(IntegrityCheck check) throws SQLException {
		String pragma = (check == IntegrityCheck.FULL) ? "integrity_check" : "quick_check";
		try (Connection connection = DriverManager.getConnection(url(this.image));
				Statement statement = connection.createStatement()) {
			this.running = statement;
			try (ResultSet rows = statement.executeQuery("PRAGMA " + pragma + "(10)")) {
				StringBuilder answer = new StringBuilder();
				while (rows.next()) {
					answer.append(answer.isEmpty() ? "" : "; ").append(rows.getString(1));
				}
				return answer.toString();
			}
			finally {
				this.running = null;
			}
		}
	}

	/**
	 * The URL that opens a file without locks.
	 * @param image the file
	 * @return the URL, with what would end or change the path escaped
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
	 * What a check says.
	 *
	 * @param done the check that was run
	 * @param answer SQLite's answer
	 * @param missing what a stronger check that was asked for lacked, in SQLite's words,
	 * or {@code null}
	 */
	record Outcome(IntegrityCheck done, String answer, @Nullable String missing) {

		private static final String WHOLE = "ok";

		boolean isWhole() {
			return WHOLE.equals(this.answer);
		}

	}

}
