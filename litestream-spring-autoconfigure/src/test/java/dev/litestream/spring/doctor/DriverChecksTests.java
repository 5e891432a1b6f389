package dev.litestream.spring.doctor;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.util.List;
import java.util.Properties;
import java.util.Set;

import dev.litestream.sqlite.SqliteVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.JDBC;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Old and double drivers.
 */
class DriverChecksTests {

	private static final SqliteVersion SAFE = SqliteVersion.MINIMUM;

	@TempDir
	Path directory;

	@ParameterizedTest
	@CsvSource({ "3.51.2, false", "3.51.3, true", "3.50.6, false", "3.50.7, true", "3.44.6, true", "3.49.1, false",
			"3.53.2, true" })
	void versionWithWalResetBug(String version, boolean good) {
		List<Finding> findings = new DriverChecks(SqliteVersion.parse(version), Set.of("a.jar"), Set.of()).findings();
		assertThat(findings).hasSize(good ? 0 : 1).allSatisfy((finding) -> {
			assertThat(finding.id()).isEqualTo("sqlite-version");
			assertThat(finding.severity()).isEqualTo(Severity.ERROR);
			assertThat(finding.subject()).isEqualTo("SQLite " + version);
			assertThat(finding.cure()).contains("sqlite-jdbc.version", "3.51.3.0");
		});
	}

	@Test
	void oneDriver() {
		ClassLoader classLoader = getClass().getClassLoader();
		assertThat(DriverChecks.of(SAFE, classLoader, this.directory.resolve("none")).findings()).isEmpty();
	}

	@Test
	void twoJarsOnTheClassPath() throws Exception {
		try (URLClassLoader classLoader = new URLClassLoader(new URL[] { jar("one.jar"), jar("two.jar") }, null)) {
			List<Finding> findings = DriverChecks.of(SAFE, classLoader, this.directory.resolve("none")).findings();
			assertThat(findings).singleElement().satisfies((finding) -> {
				assertThat(finding.id()).isEqualTo("driver-copies");
				assertThat(finding.severity()).isEqualTo(Severity.WARNING);
				assertThat(finding.meaning()).contains("2 times on the class path");
				assertThat(finding.subject()).contains("one.jar, ").endsWith("two.jar").doesNotContain("!");
			});
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void twoLibrariesInThisProcess() throws Exception {
		try (Connection ours = new JDBC().connect("jdbc:sqlite::memory:", new Properties());
				URLClassLoader classLoader = new URLClassLoader(new URL[] { jar("other.jar") },
						ClassLoader.getPlatformClassLoader())) {
			assertThat(ours.isClosed()).isFalse();
			Driver driver = (Driver) classLoader.loadClass("org.sqlite.JDBC").getDeclaredConstructor().newInstance();
			try (Connection connection = driver.connect("jdbc:sqlite::memory:", new Properties())) {
				assertThat(connection.isClosed()).isFalse();
				List<Finding> findings = DriverChecks.of(SAFE, getClass().getClassLoader(), Path.of("/proc/self/maps"))
					.findings();
				assertThat(findings).singleElement().satisfies((finding) -> {
					assertThat(finding.id()).isEqualTo("driver-copies");
					assertThat(finding.severity()).isEqualTo(Severity.ERROR);
					assertThat(finding.meaning()).contains("times into this JVM");
				});
			}
		}
	}

	private URL jar(String name) throws Exception {
		Path jar = Path.of(JDBC.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		return Files.copy(jar, this.directory.resolve(name)).toUri().toURL();
	}

}
