package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.DirectoryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A directory is read when something in it may have changed, and not otherwise.
 */
class DirectoryListingTests {

	private static final FileTime LONG_AGO = FileTime.from(Instant.now().minusSeconds(3600));

	@TempDir
	Path directory;

	private final AtomicLong nanos = new AtomicLong();

	@Test
	void unchangedDirectoryIsNotReadAgain() throws Exception {
		DirectoryListing listing = listing();
		Files.setLastModifiedTime(this.directory, LONG_AGO);
		assertThat(listing.refresh()).isTrue();
		assertThat(listing.refresh()).isFalse();
		Files.createFile(this.directory.resolve("a.db"));
		assertThat(listing.refresh()).isTrue();
		assertThat(listing.files()).containsExactly(this.directory.resolve("a.db"));
		Files.delete(this.directory.resolve("a.db"));
		assertThat(listing.refresh()).isTrue();
		assertThat(listing.files()).isEmpty();
	}

	/** A clock that ticks too slowly gives a later change the time of an earlier one. */
	@Test
	void directoryThatHasJustChangedIsReadOnceMore() throws Exception {
		DirectoryListing listing = listing();
		FileTime now = FileTime.from(Instant.now());
		Files.setLastModifiedTime(this.directory, now);
		assertThat(listing.refresh()).isTrue();
		Files.createFile(this.directory.resolve("a.db"));
		Files.setLastModifiedTime(this.directory, now);
		assertThat(listing.refresh()).isTrue();
		assertThat(listing.files()).containsExactly(this.directory.resolve("a.db"));
	}

	@Test
	void directoryIsReadEveryMinuteWhateverItsTimeSays() throws Exception {
		DirectoryListing listing = listing();
		Files.setLastModifiedTime(this.directory, LONG_AGO);
		assertThat(listing.refresh()).isTrue();
		Files.createFile(this.directory.resolve("a.db"));
		Files.setLastModifiedTime(this.directory, LONG_AGO);
		assertThat(listing.refresh()).isFalse();
		this.nanos.addAndGet(Duration.ofSeconds(61).toNanos());
		assertThat(listing.refresh()).isTrue();
		assertThat(listing.files()).containsExactly(this.directory.resolve("a.db"));
	}

	private DirectoryListing listing() {
		return new DirectoryListing(new DirectoryOptions(this.directory, "*.db", true, true, Duration.ofSeconds(1)),
				System::currentTimeMillis, this.nanos::get);
	}

}
