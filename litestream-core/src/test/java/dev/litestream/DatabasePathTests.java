package dev.litestream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DatabasePath}.
 */
class DatabasePathTests {

	@TempDir
	Path temporary;

	private Path root;

	@BeforeEach
	void withoutLinks() throws IOException {
		this.root = this.temporary.toRealPath();
		Files.createDirectories(this.root.resolve("volume/releases/7"));
	}

	private Path link(String name, String target) throws IOException {
		return Files.createSymbolicLink(this.root.resolve(name), Path.of(target));
	}

	@Test
	void whatIsNoLinkStays() {
		assertThat(DatabasePath.resolve(this.root.resolve("volume/app.db")))
			.isEqualTo(this.root.resolve("volume/app.db"));
		assertThat(DatabasePath.resolve(this.root.resolve("./volume//../a/./app.db")))
			.isEqualTo(this.root.resolve("a/app.db"));
		assertThat(DatabasePath.resolve(Path.of("app.db")))
			.isEqualTo(DatabasePath.resolve(Path.of("").toAbsolutePath()).resolve("app.db"));
		assertThat(DatabasePath.resolve(Path.of("/../../app.db"))).isEqualTo(Path.of("/app.db"));
		assertThat(DatabasePath.resolve(Path.of("/"))).isEqualTo(Path.of("/"));
	}

	@Test
	void linksAreFollowedFromWhereTheyLie() throws IOException {
		link("volume/app.db", "releases/./7/../real.db");
		link("data", "volume");
		link("absolute.db", this.root.resolve("data/app.db").toString());
		assertThat(DatabasePath.resolve(this.root.resolve("absolute.db")))
			.isEqualTo(this.root.resolve("volume/releases/real.db"));
	}

	@Test
	void upIsFromWhereALinkLeads() throws IOException {
		link("current", "volume/releases/7");
		Path written = this.root.resolve("current/../app.db");
		assertThat(DatabasePath.resolve(written)).isEqualTo(this.root.resolve("volume/releases/app.db"));
		assertThat(DatabasePath.absolute(written)).isEqualTo(written);
		assertThat(DatabasePath.absolute(this.root.resolve("volume/../current/app.db")))
			.isEqualTo(this.root.resolve("current/app.db"));
	}

	@Test
	void aCircleOfLinksEndsInOne() throws IOException {
		link("one", "other");
		link("other", "one");
		assertThat(DatabasePath.resolve(this.root.resolve("one"))).isSymbolicLink();
	}

	@Test
	void aNameThatTheJvmCannotSpellNamesTheCure() throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				DatabasePathTests.class.getName());
		builder.environment().put("LC_ALL", "C");
		Process process = builder.redirectErrorStream(true).start();
		String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
		assertThat(said).contains("this JVM spells file names in the character set ANSI_X3.4-1968 only")
			.contains("start it with LC_ALL=C.UTF-8");
		assertThat(process.waitFor()).isZero();
	}

	/** Names a file with a character that ASCII lacks. */
	public static void main(String[] args) {
		try {
			System.out.println("Spelled: " + DatabasePath.of("donn\u00e9es.db"));
		}
		catch (InvalidPathException ex) {
			System.out.println(ex.getReason());
		}
	}

}
