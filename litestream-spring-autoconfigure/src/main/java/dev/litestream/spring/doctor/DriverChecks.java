package dev.litestream.spring.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import dev.litestream.sqlite.SqliteVersion;

/**
 * What is wrong with the driver: the SQLite version inside it, its copies on the class
 * path, and its native libraries that are loaded into this JVM.
 */
record DriverChecks(SqliteVersion version, Set<String> copies, Set<String> loaded) {

	private static final String DRIVER = "org/sqlite/JDBC.class";

	private static final String LIBRARY = "sqlitejdbc";

	/**
	 * Looks for copies of the driver. {@code maps} is the kernel's list of this process's
	 * mappings, which need not exist.
	 */
	static DriverChecks of(SqliteVersion version, ClassLoader classLoader, Path maps) {
		return new DriverChecks(version, copies(classLoader), loaded(maps));
	}

	private static Set<String> copies(ClassLoader classLoader) {
		Set<String> copies = new LinkedHashSet<>();
		try {
			classLoader.getResources(DRIVER).asIterator().forEachRemaining((url) -> copies.add(jar(url.toString())));
		}
		catch (IOException ex) {
			return Set.of();
		}
		return copies;
	}

	private static String jar(String url) {
		String place = url.substring(0, url.length() - DRIVER.length());
		return place.replaceFirst("!/$", "").replaceFirst("^jar:(file:)?(nested:)?", "");
	}

	/**
	 * Each class loader that loads the driver extracts and loads its own library.
	 */
	private static Set<String> loaded(Path maps) {
		Set<String> loaded = new LinkedHashSet<>();
		if (Files.isReadable(maps)) {
			try {
				for (String line : Files.readAllLines(maps, StandardCharsets.ISO_8859_1)) {
					int path = line.indexOf('/');
					if (path > 0 && line.contains(LIBRARY)) {
						loaded.add(line.substring(path));
					}
				}
			}
			catch (IOException ex) {
				return Set.of();
			}
		}
		return loaded;
	}

	List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		if (!this.version.isSafe()) {
			findings.add(new Finding("sqlite-version", Severity.ERROR, "SQLite " + this.version.text(),
					"This version has the WAL-reset bug: a database that is checkpointed while it is written can be"
							+ " corrupted.",
					"Set the property sqlite-jdbc.version of the build to " + SqliteVersion.MINIMUM.text()
							+ ".0 or newer."));
		}
		if (this.loaded.size() > 1) {
			findings.add(copies(Severity.ERROR, "The driver is loaded %d times into this JVM.", this.loaded));
		}
		else if (this.copies.size() > 1) {
			findings.add(copies(Severity.WARNING, "The driver is %d times on the class path.", this.copies));
		}
		return findings;
	}

	private static Finding copies(Severity severity, String meaning, Set<String> places) {
		return new Finding("driver-copies", severity, String.join(", ", places),
				String.format(Locale.ROOT, meaning, places.size())
						+ " Copies of SQLite in one process drop each other's locks on a"
						+ " database that both open, which corrupts it.",
				"Keep one org.xerial:sqlite-jdbc, neither shaded into another jar nor loaded by a second class"
						+ " loader.");
	}

}
