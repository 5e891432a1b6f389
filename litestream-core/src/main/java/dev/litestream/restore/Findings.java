package dev.litestream.restore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Complaints of SQLite's check, in its words, sorted by their meaning for a backup whose
 * pages are proved by checksums. Damage is a state that SQLite never writes: broken
 * b-trees, a broken list of free pages, and indexes of plain columns that do not fit
 * their tables. Everything else depends on how the application and its copy of SQLite
 * interpret the content, and the live database has it too: virtual tables, a NULL, a type
 * or a CHECK that was declared later, and indexes of expressions. Not thread-safe.
 */
final class Findings {

	/** How many rows SQLite is asked for, and how many complaints are kept. */
	static final int MOST = 10;

	private static final String OK = "ok";

	private static final Pattern INDEX = Pattern
		.compile("(?s)(?:.* (?:missing from|entry in|of entries in|values differ from|of)) index (.+)");

	private static final Pattern PRIMARY_KEY = Pattern.compile("(?s)row not in PRIMARY KEY order for .+");

	private static final String COMPUTED = """
			SELECT EXISTS(SELECT 1 FROM pragma_index_xinfo(s.name) x LEFT JOIN pragma_table_xinfo(s.tbl_name) c
			                ON c.cid = x.cid WHERE x.cid = -2 OR c.hidden = 2)
			    OR EXISTS(SELECT 1 FROM pragma_index_list(s.tbl_name) l WHERE l.name = s.name AND l.partial)
			FROM sqlite_schema s WHERE s.type = 'index' AND s.name = ?""";

	private final List<String> damage = new ArrayList<>();

	private final List<String> content = new ArrayList<>();

	/** Adds a row of the answer. The connection reads the schema. */
	void add(String row, Connection connection) throws SQLException {
		if (row.equals(OK)) {
			return;
		}
		Matcher index = INDEX.matcher(row);
		boolean damaged = row.startsWith("*** in database ") || PRIMARY_KEY.matcher(row).matches()
				|| (index.matches() && !isComputed(index.group(1), connection));
		add(damaged, row);
	}

	private static boolean isComputed(String index, Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(COMPUTED)) {
			statement.setString(1, index);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

	void add(boolean damaged, String finding) {
		List<String> findings = damaged ? this.damage : this.content;
		if (findings.size() < MOST && !findings.contains(finding)) {
			findings.add(finding);
		}
	}

	/** The damage; empty if there is none. */
	List<String> damage() {
		return this.damage;
	}

	/** The complaints about the application's content. */
	List<String> content() {
		return this.content;
	}

}
