package dev.litestream.restore;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.litestream.ltx.LtxFileInfo;

/**
 * Files of a plan cannot be used; another plan may do without them.
 */
final class UnusableLtxException extends IOException {

	private static final long serialVersionUID = 1L;

	private final transient List<Failure> failures;

	/** Reports at least one unusable file. */
	UnusableLtxException(List<Failure> failures) {
		super(failures.get(0).cause());
		this.failures = failures;
	}

	/** The files and what is wrong with them. */
	List<Failure> failures() {
		return this.failures;
	}

	/** Files that are listed but do not exist: deleted meanwhile, or never completed. */
	Set<LtxFileInfo> missing() {
		return files(true);
	}

	/** Files that exist but cannot be read to a verified end. */
	Set<LtxFileInfo> corrupt() {
		return files(false);
	}

	/** The failure of the first of them. */
	IOException reason() {
		return this.failures.get(0).cause();
	}

	private Set<LtxFileInfo> files(boolean missing) {
		return this.failures.stream()
			.filter((failure) -> (failure.cause() instanceof NoSuchFileException) == missing)
			.map(Failure::file)
			.collect(Collectors.toSet());
	}

	/** One unusable file, and what is wrong with it. */
	record Failure(LtxFileInfo file, IOException cause) {
	}

}
