package dev.litestream.replica;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link NewLtxFile} where a file system has no hard links.
 */
class NewLtxFileTests {

	@TempDir
	Path directory;

	private static void withoutHardLinks(Path link, Path existing) {
		throw new UnsupportedOperationException("no hard links");
	}

	private void publish(Path path, String content) throws IOException {
		try (NewLtxFile file = NewLtxFile.beside(this.directory, path)) {
			file.fill(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)), Instant.EPOCH);
			file.publish(NewLtxFileTests::withoutHardLinks);
		}
	}

	@Test
	void aNameIsTakenOnce() throws Exception {
		Path path = this.directory.resolve("ltx/0/file.ltx");
		publish(path, "one");
		publish(path, "one");
		assertThatThrownBy(() -> publish(path, "two")).isInstanceOf(LtxConflictException.class);
		assertThat(path).hasContent("one");
	}

	@Test
	void anotherProcessIsKeptOffWhileANameIsLookedAtAndTaken() throws Exception {
		Path path = Files.createDirectories(this.directory.resolve("ltx/0")).resolve("file.ltx");
		Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				NewLtxFileTests.class.getName(), this.directory.resolve("ltx/publish.lock").toString(), path.toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		try (BufferedReader said = other.inputReader()) {
			assertThat(said.readLine()).isEqualTo("locked");
			CompletableFuture<Void> ours = CompletableFuture.runAsync(() -> {
				try {
					publish(path, "ours");
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
			});
			await().during(Duration.ofMillis(100)).until(() -> !ours.isDone());
			other.outputWriter().append("go on\n").flush();
			assertThatThrownBy(() -> ours.get(30, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IOException.class)
				.hasStackTraceContaining(LtxConflictException.class.getName());
			assertThat(path).hasContent("theirs");
		}
		finally {
			other.destroy();
		}
	}

	/** Another writer: between its look and its move. */
	public static void main(String[] args) throws Exception {
		try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			System.out.println("locked");
			System.in.read();
			Files.writeString(Path.of(args[1]), "theirs");
			lock.release();
		}
	}

}
