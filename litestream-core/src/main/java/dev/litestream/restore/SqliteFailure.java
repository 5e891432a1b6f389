package dev.litestream.restore;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;

import org.sqlite.SQLiteException;

/**
 * Why SQLite could not finish a check.
 */
enum SqliteFailure {

	/** It needs something that only the application defines. */
	LACKS_APPLICATION,

	/** The database is damaged, or a virtual table says that it is. */
	DAMAGE,

	/** Memory, descriptors or the disk failed, which says nothing about the database. */
	MACHINE,

	/** Something in the database that this SQLite cannot handle. */
	OTHER;

	/** Collations, functions and modules of the application. */
	private static final Pattern APPLICATION_DEFINED = Pattern.compile(
			"no such collation sequence|unknown function|no such function|no such module|(?:unknown|no such) tokenizer");

	private static final Set<Integer> DAMAGED = Set.of(11, 26); // CORRUPT, NOTADB

	// PERM, BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, CANTOPEN
	private static final Set<Integer> FAILED_MACHINE = Set.of(3, 5, 6, 7, 9, 10, 13, 14);

	static SqliteFailure of(SQLException failure) {
		String message = failure.getMessage();
		if (message != null && APPLICATION_DEFINED.matcher(message).find()) {
			return LACKS_APPLICATION;
		}
		int code = (failure instanceof SQLiteException sqlite) ? sqlite.getResultCode().code & 0xff
				: failure.getErrorCode() & 0xff;
		return DAMAGED.contains(code) ? DAMAGE : FAILED_MACHINE.contains(code) ? MACHINE : OTHER;
	}

}
