package dev.litestream.restore;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.litestream.IntegrityCheck;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database file from one plan: reads the files newest first, writes each page the
 * first time that it occurs, forces the file to disk and checks it. Every page is written
 * once, at its place, and nothing else is ever on disk, however many and however large
 * the files are. All of them are read to their verified end. Not thread-safe.
 */
final class ImageBuild {

	private static final Logger logger = LoggerFactory.getLogger(ImageBuild.class);

	private final ReplicaClient client;

	private final RestorePlan plan;

	private final Path image;

	private final IntegrityCheck integrityCheck;

	private final Restorer.@Nullable PageSink digests;

	ImageBuild(ReplicaClient client, RestorePlan plan, Path image, IntegrityCheck integrityCheck,
			Restorer.@Nullable PageSink digests) {
		this.client = client;
		this.plan = plan;
		this.image = image;
		this.integrityCheck = integrityCheck;
		this.digests = digests;
	}

	/**
	 * Makes the file and closes all descriptors on it. Throws
	 * {@link UnusableLtxException} if files of the plan are missing or corrupt.
	 */
	Built run() throws IOException {
		List<LtxFileInfo> newestFirst = new ArrayList<>(this.plan.files());
		Collections.reverse(newestFirst);
		ExecutorService executor = Executors.newCachedThreadPool(ImageBuild::thread);
		try (Arrivals arrivals = new Arrivals(this.client, newestFirst);
				NewestPages pages = new NewestPages(this.client, this.image, this.plan.bytes(), executor)) {
			List<UnusableLtxException.Failure> failures = new ArrayList<>();
			for (Arrivals.Arrival next = arrivals.next(); next != null; next = arrivals.next()) {
				try {
					pages.take(next);
				}
				catch (UnusableLtxException ex) {
					// a new plan should know all unusable files
					failures.addAll(ex.failures());
				}
			}
			if (!failures.isEmpty()) {
				throw new UnusableLtxException(failures);
			}
			LtxHeader header = pages.finish();
			logger.debug("Wrote {} pages", header.commit());
			return new Built(header, check(header, executor));
		}
		finally {
			executor.shutdown();
		}
	}

	/** Checks and digests while the file is forced to disk. */
	private ImageCheck.Outcome check(LtxHeader header, ExecutorService executor) throws IOException {
		ImageCheck check = new ImageCheck(this.image, this.integrityCheck, executor);
		try {
			if (this.digests != null) {
				digest(header, this.digests);
			}
		}
		catch (IOException | RuntimeException ex) {
			check.await();
			throw ex;
		}
		ImageCheck.Outcome outcome = check.await();
		logger.debug("Checked");
		return outcome;
	}

	private void digest(LtxHeader header, Restorer.PageSink sink) throws IOException {
		int pageSize = header.pageSize();
		long lockPage = LtxFormat.lockPage(pageSize);
		byte[] pages = new byte[Math.max(pageSize, 512 * 1024)];
		try (InputStream in = new FileInputStream(this.image.toFile())) {
			byte[] page = new byte[pageSize];
			long pgno = 1;
			for (int n = in.readNBytes(pages, 0, pages.length); n > 0; n = in.readNBytes(pages, 0, pages.length)) {
				if (Thread.currentThread().isInterrupted()) {
					throw new InterruptedIOException("The restore was interrupted while it read the database");
				}
				for (int i = 0; i < n; i += pageSize, pgno++) {
					if (pgno != lockPage) {
						System.arraycopy(pages, i, page, 0, pageSize);
						sink.page(pgno, page, pageSize);
					}
				}
			}
		}
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "litestream-restore-writer");
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * A database file: page size, number of pages and position in the header, and how it
	 * was checked.
	 */
	record Built(LtxHeader header, ImageCheck.Outcome check) {

	}

}
