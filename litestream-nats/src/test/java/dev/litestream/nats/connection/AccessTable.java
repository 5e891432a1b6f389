package dev.litestream.nats.connection;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rows of the tables in docs/nats.md that have an id: what an operator is told there
 * is what the tests expect.
 */
final class AccessTable {

	/** Id, server, settings, outcome. */
	private static final Pattern ROW = Pattern.compile("^\\| `([a-z0-9-]+)` \\| [^|]* \\| [^|]* \\| ([^|]+) \\|$",
			Pattern.MULTILINE);

	private AccessTable() {
	}

	/**
	 * Reads the outcomes: "works", or a message in which … stands for any text.
	 * @param section heading of the section
	 * @return the outcomes by the ids of their rows
	 */
	static Map<String, String> outcomes(String section) throws IOException {
		String page = Files.readString(Path.of("..", "docs", "nats.md"));
		int start = page.indexOf("\n## " + section + "\n");
		int end = page.indexOf("\n## ", start + 1);
		Map<String, String> outcomes = new LinkedHashMap<>();
		Matcher rows = ROW.matcher(page.substring(start, (end < 0) ? page.length() : end));
		while (rows.find()) {
			outcomes.put(rows.group(1), rows.group(2).strip());
		}
		return outcomes;
	}

	/** The pattern of a message of the table. */
	static Pattern pattern(String outcome) {
		return Pattern.compile("\\Q" + outcome.replace("…", "\\E.*\\Q") + "\\E", Pattern.DOTALL);
	}

}
