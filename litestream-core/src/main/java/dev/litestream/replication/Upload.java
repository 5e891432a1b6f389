package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

import dev.litestream.Txid;
import dev.litestream.capture.CommitSignals;
import dev.litestream.continuity.KnownPages;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * The queue from the spool to the replica: one file at a time, in the order of TXIDs. The
 * replica therefore always holds a prefix of the history. A snapshot follows the raw file
 * of its position, which proves that nobody else has written that position (law 9).
 * Thread-safe; {@link #next()} is for one thread at a time.
 */
final class Upload {

	/** Beyond this many files, the waiting ones are read back from disk. */
	private static final int KEEP_IN_MEMORY = 8;

	private final Deque<SpoolFile> waiting = new ArrayDeque<>();

	private final ReplicaClient client;

	private final Spool spool;

	private final KnownPages known;

	private final Progress progress;

	private final Consumer<Txid> sendingSnapshot;

	private final Consumer<LtxFileInfo> uploaded;

	/**
	 * Creates an empty queue. {@code known} hears of each acknowledged file,
	 * {@code progress} of positions, {@code sendingSnapshot} of each snapshot before it
	 * is sent, and {@code uploaded} of each file as the replica holds it.
	 */
	Upload(ReplicaClient client, Spool spool, KnownPages known, Progress progress, Consumer<Txid> sendingSnapshot,
			Consumer<LtxFileInfo> uploaded) {
		this.client = client;
		this.spool = spool;
		this.known = known;
		this.progress = progress;
		this.sendingSnapshot = sendingSnapshot;
		this.uploaded = uploaded;
	}

	/**
	 * Adds a snapshot behind the raw file of its position: the position is acknowledged
	 * with both.
	 */
	synchronized void add(SpoolFile raw, SpoolFile snapshot) {
		add(raw);
		add(snapshot);
	}

	synchronized void add(SpoolFile file) {
		this.waiting.add(file);
		this.progress.spoolBytes.addAndGet(file.size());
		this.progress.spooled(file.maxTxid());
		noteOldest();
	}

	/**
	 * A file has been written to the spool: if many wait, nothing of it need be kept in
	 * memory.
	 */
	synchronized void stored(SpoolFile file) {
		if (file.isInMemory() && this.waiting.size() > KEEP_IN_MEMORY && this.waiting.peekLast() == file) {
			this.waiting.removeLast();
			this.waiting.addLast(file.onDisk());
		}
	}

	synchronized int backlog() {
		return this.waiting.size();
	}

	synchronized void clear() {
		this.waiting.clear();
		this.known.forgetAcknowledged();
		this.progress.spoolBytes.set(0);
		noteOldest();
	}

	private synchronized @Nullable SpoolFile peek() {
		return this.waiting.peek();
	}

	/**
	 * Uploads the oldest waiting file. Returns the file as the replica holds it, or
	 * {@code null} if none waits. Fails if the replica did not accept it.
	 */
	@Nullable LtxFileInfo next() throws IOException {
		SpoolFile file = peek();
		if (file == null) {
			return null;
		}
		if (file.isSnapshot()) {
			this.sendingSnapshot.accept(file.maxTxid());
		}
		LtxFileInfo written;
		try (InputStream content = this.spool.read(file)) {
			written = this.client.write(level(file), file.minTxid(), file.maxTxid(), file.timestamp(), content);
		}
		catch (IOException ex) {
			this.progress.uploadErrors.incrementAndGet();
			throw ex;
		}
		boolean reached;
		synchronized (this) {
			if (this.waiting.peek() == file) {
				this.waiting.poll();
				this.progress.spoolBytes.addAndGet(-file.size());
			}
			SpoolFile next = this.waiting.peek();
			reached = next == null || next.maxTxid().isAfter(file.maxTxid());
			noteOldest();
		}
		this.progress.objects.incrementAndGet();
		this.progress.objectBytes.addAndGet(file.size());
		if (reached) {
			this.progress.acknowledged(file.maxTxid());
			this.spool.acknowledged(file.maxTxid());
		}
		this.known.acknowledged(file);
		this.uploaded.accept(written);
		return written;
	}

	private static int level(SpoolFile file) {
		return file.isSnapshot() ? ReplicaClient.SNAPSHOT_LEVEL : 0;
	}

	private void noteOldest() {
		SpoolFile oldest = this.waiting.peek();
		this.progress.spooledSince((oldest != null) ? oldest.since() : CommitSignals.NOTHING);
	}

}
