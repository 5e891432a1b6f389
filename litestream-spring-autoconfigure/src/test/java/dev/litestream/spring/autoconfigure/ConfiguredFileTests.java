package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ConfiguredFileTests {

	private static final PropertyKey KEY = new PropertyKey("litestream.replica.creds");

	@TempDir
	Path directory;

	@Test
	void pathsAndLocationsOfFiles() {
		Path file = this.directory.resolve("a b.creds");
		assertThat(ConfiguredFile.of(KEY, file + " ")).isEqualTo(file);
		assertThat(ConfiguredFile.of(KEY, "file:" + file.toUri().getRawPath())).isEqualTo(file);
		assertThat(ConfiguredFile.of(KEY, file.toUri().toString())).isEqualTo(file);
		assertThat(ConfiguredFile.of(KEY, "certs/ca.pem")).isEqualTo(Path.of("certs/ca.pem"));
		assertThat(ConfiguredFile.of(KEY, "file:certs/ca.pem")).isEqualTo(Path.of("certs/ca.pem"));
	}

	@Test
	void fileOfTheClassPath() {
		assertThat(ConfiguredFile.of(KEY, "classpath:META-INF/spring.factories")).isRegularFile();
	}

	@Test
	void fileInAJarIsCopiedOnceForThisUserAlone() throws IOException {
		Path jar = this.directory.resolve("app.jar");
		try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out)) {
			entries.putNextEntry(new JarEntry("nats/app.creds"));
			entries.write("content".getBytes(StandardCharsets.US_ASCII));
		}
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(new URL[] { jar.toUri().toURL() }, before)) {
			thread.setContextClassLoader(classLoader);
			Path copy = ConfiguredFile.of(KEY, "classpath:nats/app.creds");
			assertThat(copy).hasContent("content");
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy))).isEqualTo("rw-------");
			assertThat(ConfiguredFile.of(KEY, "classpath:/nats/app.creds")).isEqualTo(copy);
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "classpath:s3cr3t.pem", "s3cr3t\0", "file:/s3cr3t\0", "file:///s3cr3t%" })
	void whatIsNoFileIsRefusedAndNotRepeated(String value) {
		assertThatExceptionOfType(InvalidLitestreamPropertyException.class)
			.isThrownBy(() -> ConfiguredFile.of(KEY, value))
			.withMessageContaining(KEY.name())
			.withMessageNotContaining("s3cr3t");
	}

}
