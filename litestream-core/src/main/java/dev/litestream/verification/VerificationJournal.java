package dev.litestream.verification;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;

import dev.litestream.Txid;
import dev.litestream.VerificationOutcome;
import dev.litestream.VerificationResult;
import dev.litestream.VerificationStatus;
import dev.litestream.replica.FileAccess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the results of verifications in a file beside the spool: a restart neither
 * forgets the last proven point nor begins another verification too early. The file is
 * not essential: if it cannot be read or written, a warning is logged. Not thread-safe.
 */
final class VerificationJournal {

	private static final Logger logger = LoggerFactory.getLogger(VerificationJournal.class);

	private static final String REPLACEMENT = "replacement";

	private final Path file;

	private Replacement.State replacement = Replacement.State.NONE;

	VerificationJournal(Path metaPath) {
		this.file = metaPath.resolve("verified");
	}

	/**
	 * Reads the results, with counters at zero, and the state for {@link #replacement()}.
	 */
	VerificationStatus read() {
		Properties properties = new Properties();
		try (Reader in = Files.newBufferedReader(this.file)) {
			properties.load(in);
			this.replacement = Replacement.State
				.valueOf(properties.getProperty(REPLACEMENT, Replacement.State.NONE.name()));
			return new VerificationStatus(result(properties, "last"), result(properties, "lastVerified"),
					result(properties, "failure"), 0, 0, 0, Duration.ZERO);
		}
		catch (NoSuchFileException ex) {
			return VerificationStatus.NONE;
		}
		catch (IOException | RuntimeException ex) {
			logger.warn("The results of earlier verifications in {} cannot be read: {}", this.file, ex.toString());
			return VerificationStatus.NONE;
		}
	}

	/** The state of a replacement when the results were read. */
	Replacement.State replacement() {
		return this.replacement;
	}

	/** Writes the results and the state of the replacement. */
	void write(VerificationStatus status, Replacement.State replacement) {
		Properties properties = new Properties();
		properties.setProperty(REPLACEMENT, replacement.name());
		put(properties, "last", status.last());
		put(properties, "lastVerified", status.lastVerified());
		put(properties, "failure", status.failure());
		Path temporary = this.file.resolveSibling("verified.tmp");
		try {
			Path directory = this.file.toAbsolutePath().getParent();
			FileAccess.createPrivate(directory);
			try (Writer out = Files.newBufferedWriter(temporary)) {
				properties.store(out, null);
			}
			FileAccess.of(directory.resolve("lock")).grant(temporary);
			Files.move(temporary, this.file, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			logger.warn("The result of a verification cannot be kept in {}: {}", this.file, ex.toString());
		}
	}

	private static void put(Properties properties, String key, @Nullable VerificationResult result) {
		if (result == null) {
			return;
		}
		properties.setProperty(key + ".outcome", result.outcome().name());
		properties.setProperty(key + ".newest", Boolean.toString(result.newest()));
		properties.setProperty(key + ".compared", Boolean.toString(result.compared()));
		properties.setProperty(key + ".at", result.at().toString());
		properties.setProperty(key + ".took", result.took().toString());
		properties.setProperty(key + ".detail", result.detail());
		if (result.txid() != null) {
			properties.setProperty(key + ".txid", result.txid().toString());
		}
		if (result.timestamp() != null) {
			properties.setProperty(key + ".timestamp", result.timestamp().toString());
		}
	}

	private static @Nullable VerificationResult result(Properties properties, String key) {
		String outcome = properties.getProperty(key + ".outcome");
		if (outcome == null) {
			return null;
		}
		String txid = properties.getProperty(key + ".txid");
		String timestamp = properties.getProperty(key + ".timestamp");
		return new VerificationResult(VerificationOutcome.valueOf(outcome),
				Boolean.parseBoolean(properties.getProperty(key + ".newest")), (txid != null) ? Txid.parse(txid) : null,
				(timestamp != null) ? Instant.parse(timestamp) : null,
				Boolean.parseBoolean(properties.getProperty(key + ".compared")),
				Instant.parse(properties.getProperty(key + ".at")),
				Duration.parse(properties.getProperty(key + ".took")), properties.getProperty(key + ".detail", ""));
	}

}
