package dev.litestream.restore;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;
import dev.litestream.replica.ReplicaUnavailableException;

/**
 * Downloads the files of a merge, several at a time, each verified by the replica's
 * digest at its end. Failures that may pass are retried; missing and broken files are
 * collected and reported at the end.
 */
final class Download {

	/** Files up to this size may stay in memory. */
	private static final int SMALL = 1024 * 1024;

	private static final int BUFFER_SIZE = 128 * 1024;

	private static final int ATTEMPTS = 4;

	private static final long FIRST_DELAY_MILLIS = 250;

	private static final AtomicInteger threadNumber = new AtomicInteger();

	private final ReplicaClient client;

	private final StagingDirectory staging;

	private final int threads;

	private final AtomicLong memoryLeft;

	/**
	 * Prepares a download. Small files stay in memory, up to a sum of bytes; the others
	 * go to the staging directory.
	 */
	Download(ReplicaClient client, StagingDirectory staging, int threads, long memory) {
		this.client = client;
		this.staging = staging;
		this.threads = threads;
		this.memoryLeft = new AtomicLong(memory);
	}

	/**
	 * Downloads files and returns them in the same order. Throws
	 * {@link UnusableLtxException} if some of them cannot be used, and
	 * {@link InterruptedIOException} if the thread is interrupted.
	 */
	List<StagedLtx> fetch(List<LtxFileInfo> files) throws IOException {
		ExecutorService executor = Executors.newFixedThreadPool(Math.min(this.threads, Math.max(1, files.size())),
				Download::thread);
		try {
			return fetch(files, executor);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException("Interrupted while files of the replica were read");
		}
		finally {
			executor.shutdownNow();
			awaitEnd(executor);
		}
	}

	private List<StagedLtx> fetch(List<LtxFileInfo> files, ExecutorService executor)
			throws IOException, InterruptedException {
		Map<LtxFileInfo, StagedLtx> staged = new ConcurrentHashMap<>();
		List<UnusableLtxException.Failure> failures = new ArrayList<>();
		CompletionService<LtxFileInfo> completions = new ExecutorCompletionService<>(executor);
		// large files first: otherwise a single one would be left to wait for at the end
		files.stream()
			.sorted(Comparator.comparing(LtxFileInfo::size).reversed())
			.forEach((file) -> completions.submit(() -> {
				staged.put(file, fetch(file));
				return file;
			}));
		for (int i = 0; i < files.size(); i++) {
			try {
				completions.take().get();
			}
			catch (ExecutionException ex) {
				if (!(ex.getCause() instanceof UnusableLtxException unusable)) {
					throw propagate(ex.getCause());
				}
				failures.addAll(unusable.failures());
			}
		}
		if (!failures.isEmpty()) {
			throw new UnusableLtxException(failures);
		}
		return files.stream().map(staged::get).toList();
	}

	private StagedLtx fetch(LtxFileInfo file) throws IOException, InterruptedException {
		for (int attempt = 1;; attempt++) {
			try {
				return copy(file);
			}
			catch (ReplicaUnavailableException ex) {
				if (attempt == ATTEMPTS) {
					throw ex;
				}
				Thread.sleep(FIRST_DELAY_MILLIS << (attempt - 1));
			}
		}
	}

	private StagedLtx copy(LtxFileInfo file) throws IOException {
		if (file.size() <= SMALL && this.memoryLeft.addAndGet(-file.size()) >= 0) {
			return StagedLtx.inMemory(file, readAll(file));
		}
		Path path = this.staging.newFile();
		try (InputStream in = open(file); OutputStream out = new FileOutputStream(path.toFile())) {
			byte[] buffer = new byte[(int) Math.max(1, Math.min(BUFFER_SIZE, file.size()))];
			for (int n = read(file, in, buffer); n >= 0; n = read(file, in, buffer)) {
				out.write(buffer, 0, n);
			}
		}
		return StagedLtx.onDisk(file, path);
	}

	private byte[] readAll(LtxFileInfo file) throws IOException {
		try (InputStream in = this.client.read(file)) {
			byte[] bytes = in.readNBytes((int) file.size() + 1);
			if (bytes.length > file.size()) {
				throw new CorruptLtxException(file.level() + "/" + file.fileName(), file.size(),
						"the file is longer than was listed");
			}
			return bytes;
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	private InputStream open(LtxFileInfo file) throws IOException {
		try {
			return this.client.read(file);
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	private static int read(LtxFileInfo file, InputStream in, byte[] buffer) throws IOException {
		try {
			return in.read(buffer);
		}
		catch (IOException ex) {
			throw sourceFailed(file, ex);
		}
	}

	/** Tells a broken file from a replica that cannot be read and from an interrupt. */
	private static IOException sourceFailed(LtxFileInfo file, IOException ex) {
		if (ex instanceof ReplicaUnavailableException || ex instanceof ReplicaRefusedException
				|| ex instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
			return ex;
		}
		return new UnusableLtxException(List.of(new UnusableLtxException.Failure(file, ex)));
	}

	private static IOException propagate(Throwable cause) {
		if (cause instanceof IOException failure) {
			return failure;
		}
		if (cause instanceof Error error) {
			throw error;
		}
		return new IOException("A file of the replica could not be read", cause);
	}

	private static void awaitEnd(ExecutorService executor) {
		// the threads write to the staging directory, which will be removed next
		boolean interrupted = Thread.interrupted();
		try {
			executor.awaitTermination(30, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "litestream-merge-" + threadNumber.incrementAndGet());
		thread.setDaemon(true);
		return thread;
	}

}
