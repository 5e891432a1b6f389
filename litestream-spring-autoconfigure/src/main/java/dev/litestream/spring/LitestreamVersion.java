package dev.litestream.spring;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

import dev.litestream.Litestream;
import dev.litestream.sqlite.SqliteVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * The versions of what replicates. Asked for once.
 */
public final class LitestreamVersion {

	private static final String POM = "/META-INF/maven/dev.litestream/litestream-core/pom.properties";

	private static final SingletonSupplier<String> version = SingletonSupplier.ofNullable(LitestreamVersion::read);

	private static final SingletonSupplier<String> sqlite = SingletonSupplier.ofNullable(LitestreamVersion::ask);

	private LitestreamVersion() {
	}

	/**
	 * The version of Litestream for the JVM.
	 * @return the version, or {@code null} if the classes do not come from its jar
	 */
	public static @Nullable String get() {
		return version.get();
	}

	/**
	 * The version of the SQLite library that replicates.
	 * @return the version, or {@code null} if it could not be asked
	 */
	public static @Nullable String ofSqlite() {
		return sqlite.get();
	}

	private static @Nullable String read() {
		try (InputStream in = Litestream.class.getResourceAsStream(POM)) {
			if (in == null) {
				return null;
			}
			Properties pom = new Properties();
			pom.load(in);
			return pom.getProperty("version");
		}
		catch (IOException ex) {
			return null;
		}
	}

	private static @Nullable String ask() {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
			return SqliteVersion.of(connection).text();
		}
		catch (SQLException ex) {
			return null;
		}
	}

}
