package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.litestream.IntegrityCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What SQLite's check of a restored database is taken for.
 */
class ImageCheckTests {

	@TempDir
	Path directory;

	@Test
	void checkThatCannotBeRunIsNoDamage() {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			ImageCheck check = new ImageCheck(this.directory.resolve("not/there.db"), IntegrityCheck.QUICK, executor);
			assertThatThrownBy(check::await).isExactlyInstanceOf(IOException.class)
				.hasMessageContaining("says nothing about it");
		}
		finally {
			executor.shutdown();
		}
	}

}
