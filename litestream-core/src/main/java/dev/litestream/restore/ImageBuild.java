package dev.litestream.restore;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.litestream.IntegrityCheck;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.PageMerge;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a database file of one plan: downloads, merges, forces to disk and checks. If one
 * file is most of the plan, it is merged while it arrives and never lies on disk; that
 * spares the time and the disk's bandwidth for all of its bytes. Not safe for several
 * threads.
 */
final class ImageBuild {

	private static final Logger logger = LoggerFactory.getLogger(ImageBuild.class);

	private static final int DOWNLOAD_THREADS = 8;

	/** Smaller files are not worth a second attempt, should the stream fail. */
	private static final long SMALLEST_STREAM = 8L * 1024 * 1024;

	private static final int PAGES_BETWEEN_INTERRUPT_CHECKS = 1024;

	private final ReplicaClient client;

	private final RestorePlan plan;

	private final StagingDirectory staging;

	private final Path image;

	private final IntegrityCheck integrityCheck;

	private final Restorer.@Nullable PageSink digests;

	ImageBuild(ReplicaClient client, RestorePlan plan, StagingDirectory staging, Path image,
			IntegrityCheck integrityCheck, Restorer.@Nullable PageSink digests) {
		this.client = client;
		this.plan = plan;
		this.staging = staging;
		this.image = image;
		this.integrityCheck = integrityCheck;
		this.digests = digests;
	}

	/**
	 * Makes the file. All descriptors on it are closed afterwards.
	 * @param streaming whether a file may be merged while it arrives
	 * @return page size, number of pages and position of the database
	 * @throws StreamLostException if that failed
	 * @throws UnusableLtxException if files of the plan are missing or corrupt
	 * @throws InterruptedIOException if the thread is interrupted
	 * @throws IOException if the file cannot be made
	 */
	LtxHeader run(boolean streaming) throws IOException {
		LtxFileInfo streamed = streaming ? largest() : null;
		List<LtxFileInfo> others = new ArrayList<>(this.plan.files());
		others.remove(streamed);
		List<StagedLtx> files = new ArrayList<>(
				new Download(this.client, this.staging, DOWNLOAD_THREADS, Download.MEMORY).fetch(others));
		logger.debug("Downloaded {} files", files.size());
		ExecutorService executor = Executors.newCachedThreadPool(ImageBuild::thread);
		try {
			if (streamed == null) {
				return merge(files, executor);
			}
			try (ReadAhead stream = new ReadAhead(this.client.read(streamed), executor)) {
				files.add(this.plan.files().indexOf(streamed), StagedLtx.arriving(streamed, stream));
				return merge(files, executor);
			}
			catch (DamagedImageException | InterruptedIOException ex) {
				throw ex;
			}
			catch (IOException | IllegalArgumentException ex) {
				throw new StreamLostException(ex);
			}
		}
		catch (CorruptLtxException | IllegalArgumentException ex) {
			throw findUnusable(files, ex);
		}
		finally {
			executor.shutdown();
		}
	}

	/** The file that is most of the plan. */
	private @Nullable LtxFileInfo largest() {
		return this.plan.files()
			.stream()
			.max(Comparator.comparing(LtxFileInfo::size))
			.filter((file) -> file.size() >= SMALLEST_STREAM && file.size() >= this.plan.bytes() / 2)
			.orElse(null);
	}

	private LtxHeader merge(List<StagedLtx> files, ExecutorService executor) throws IOException {
		try (PageMerge merge = new MergeTree(this.staging).open(files);
				DatabaseImage writer = new DatabaseImage(this.image, merge.header(), executor)) {
			write(merge, writer);
			logger.debug("Merged {} pages", merge.header().commit());
			ImageCheck check = new ImageCheck(this.image, this.integrityCheck, executor);
			try {
				writer.force();
			}
			finally {
				check.await();
			}
			logger.debug("Checked and forced to disk");
			return merge.header();
		}
	}

	private void write(PageMerge merge, DatabaseImage writer) throws IOException {
		int pageSize = merge.header().pageSize();
		byte[] page = new byte[pageSize];
		for (long pgno = merge.nextPage(page); pgno != 0; pgno = merge.nextPage(page)) {
			writer.write(pgno, page);
			if (this.digests != null) {
				this.digests.page(pgno, page, pageSize);
			}
			if (pgno % PAGES_BETWEEN_INTERRUPT_CHECKS == 0 && Thread.currentThread().isInterrupted()) {
				throw new InterruptedIOException("The restore was interrupted while it wrote the database");
			}
		}
		writer.finish();
	}

	/** The merge does not tell which file was wrong: look at each. */
	private static IOException findUnusable(List<StagedLtx> files, Exception failure) {
		List<UnusableLtxException.Failure> failures = new ArrayList<>();
		for (StagedLtx file : files) {
			try {
				file.verify();
			}
			catch (IOException ex) {
				failures.add(new UnusableLtxException.Failure(file.file(), ex));
			}
		}
		if (!failures.isEmpty()) {
			return new UnusableLtxException(failures);
		}
		return (failure instanceof IOException ex) ? ex
				: new IOException("The files of the replica do not belong together: " + failure.getMessage(), failure);
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "litestream-restore-writer");
		thread.setDaemon(true);
		return thread;
	}

}
