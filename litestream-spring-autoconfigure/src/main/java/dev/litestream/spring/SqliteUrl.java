package dev.litestream.spring;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.DatabasePath;
import org.jspecify.annotations.Nullable;

/**
 * What a JDBC URL of sqlite-jdbc says about the file behind it, also where a driver that
 * wraps others has put its name before: {@code jdbc:p6spy:sqlite:data/app.db}.
 */
public final class SqliteUrl {

	private static final Pattern PREFIX = Pattern.compile("(?i)^jdbc:(?:[a-z0-9-]+:)?sqlite:");

	/** Drivers of databases, none of which can lead to SQLite. */
	private static final Pattern OTHERS = Pattern
		.compile("(?i)^jdbc:(?:h2|hsqldb|derby|postgresql|pgsql|edb|mysql|mariadb|oracle|sqlserver|jtds|db2|as400"
				+ "|firebird|firebirdsql|informix-sqli|sap|teradata|vertica|snowflake|redshift|clickhouse|ch|duckdb"
				+ "|cloudspanner|tc|hive2|phoenix|trino|ignite|ucanaccess):.*");

	private static final String FILE = "file:";

	private static final Pattern ENCODED = Pattern.compile("(?:%[0-9a-fA-F]{2})+");

	private SqliteUrl() {
	}

	/**
	 * Whether a URL is one of sqlite-jdbc.
	 * @param url a JDBC URL
	 * @return whether it begins with {@code jdbc:sqlite:} or the same wrapped
	 */
	public static boolean matches(String url) {
		return PREFIX.matcher(url).find();
	}

	/**
	 * Whether a URL is known to be that of another product. If it is neither that nor one
	 * of sqlite-jdbc, only a connection tells.
	 * @param url a JDBC URL
	 * @return whether it cannot lead to SQLite
	 */
	public static boolean isOfAnother(String url) {
		return !matches(url) && OTHERS.matcher(url).matches();
	}

	/**
	 * What a URL says of the database.
	 * @param url a URL of sqlite-jdbc
	 * @return what follows the name of the driver, parameters included
	 */
	public static String location(String url) {
		return PREFIX.matcher(url).replaceFirst("");
	}

	/**
	 * Whether the database is in memory, or a temporary file of SQLite's own, however the
	 * URL spells that: {@code :memory:}, no name at all, {@code mode=memory},
	 * {@code vfs=memdb}.
	 * @param url a URL of sqlite-jdbc
	 * @return whether it has no WAL
	 */
	public static boolean isInMemory(String url) {
		String location = withoutFragment(url);
		int parameters = location.indexOf('?');
		String file = (parameters >= 0) ? location.substring(0, parameters) : location;
		if (file.startsWith(FILE)) {
			file = decode(file.substring(FILE.length()).replaceFirst("^//[^/]*", ""));
		}
		return file.isBlank() || file.contains(":memory:") || "memory".equals(parameter(url, "mode"))
				|| "memdb".equals(parameter(url, "vfs"));
	}

	/**
	 * A parameter of the URL, as SQLite reads it from a file's URI. Of several, the first
	 * one counts: SQLite takes the last, and sqlite-jdbc turns their order round.
	 * @param url a URL of sqlite-jdbc
	 * @param name the parameter
	 * @return its value, empty if it has none, or {@code null} if it is not there
	 */
	public static @Nullable String parameter(String url, String name) {
		String location = withoutFragment(url);
		int parameters = location.indexOf('?');
		if (parameters < 0) {
			return null;
		}
		for (String parameter : location.substring(parameters + 1).split("[&;]")) {
			int end = parameter.indexOf('=');
			// sqlite-jdbc takes blanks off
			if (name.equals(decode((end >= 0) ? parameter.substring(0, end) : parameter).strip())) {
				return (end >= 0) ? decode(parameter.substring(end + 1)).strip() : "";
			}
		}
		return null;
	}

	/**
	 * In a URI, nothing behind a number sign counts; in a path it is part of the name.
	 */
	private static String withoutFragment(String url) {
		String location = location(url);
		int fragment = location.startsWith(FILE) ? location.indexOf('#') : -1;
		return (fragment >= 0) ? location.substring(0, fragment) : location;
	}

	/** Replaces percent and two hex digits by a byte, and leaves any other percent. */
	private static String decode(String text) {
		if (text.indexOf('%') < 0) {
			return text;
		}
		return ENCODED.matcher(text)
			.replaceAll((bytes) -> Matcher.quoteReplacement(
					new String(HexFormat.of().parseHex(bytes.group().replace("%", "")), StandardCharsets.UTF_8)));
	}

	/**
	 * The database file.
	 * @param url a URL of sqlite-jdbc
	 * @return the file, or {@code null} if the URL names none, as for a database in
	 * memory, or it cannot be known before a connection is opened
	 */
	public static @Nullable Path file(String url) {
		try {
			return path(url);
		}
		catch (IllegalArgumentException ex) {
			return null; // not a URI or not a path; SQLite may still understand it
		}
	}

	/**
	 * Why the database file is not known, although the URL names one.
	 * @param url a URL of sqlite-jdbc
	 * @return what is wrong with its name, with the cure if this JVM only cannot spell
	 * it, or {@code null}
	 */
	public static @Nullable String whyNoPath(String url) {
		try {
			path(url);
			return null;
		}
		catch (InvalidPathException ex) {
			return ex.getReason();
		}
		catch (IllegalArgumentException ex) {
			return null; // not a URI
		}
	}

	private static @Nullable Path path(String url) {
		String location = location(url);
		int parameters = location.indexOf('?');
		location = (parameters >= 0) ? location.substring(0, parameters) : location;
		if (location.isBlank() || location.startsWith(":")) {
			return null;
		}
		if (location.startsWith(FILE)) {
			URI uri = URI.create(location);
			return DatabasePath.of((uri.getPath() != null) ? uri.getPath() : uri.getSchemeSpecificPart());
		}
		return DatabasePath.of(location);
	}

}
