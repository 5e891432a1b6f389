package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Resync;
import dev.litestream.continuity.Decision.Source;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * Prepares a resync: brings the page hashes to its base, as far as possible, and chooses
 * the rules that judge the database before anything is shipped. May read much of the
 * replica.
 *
 * @param options of the database
 * @param wal its WAL
 * @param pageSize its page size, in bytes
 * @param spool where its files lie
 * @param known the known pages of the replica
 * @param client the replica
 * @param provenance the notes beside the spool
 */
public record Preparation(DatabaseOptions options, Path wal, int pageSize, Spool spool, KnownPages known,
		ReplicaClient client, Provenance provenance) {

	/**
	 * Prepares a resync.
	 * @param resync the resync
	 * @param evidence the evidence for that decision
	 * @param listings all levels of the replica
	 * @return the rules that judge the database, or {@code null} if the replica holds
	 * nothing to compare it with, or the WAL proves that it is the same
	 * @throws DatabaseMismatchException if its size shows that it is another database, or
	 * its pages that it lacks commits
	 * @throws IOException if the replica cannot be read now
	 */
	public @Nullable SameDatabase prepare(Resync resync, Evidence evidence, List<LtxListing> listings)
			throws IOException {
		if (resync.base().isZero() || evidence.replica().newest().isZero()) {
			this.known.remove();
			return null;
		}
		Remembered remembered = resync.remembered();
		if (resync.source() == Source.ELSEWHERE) {
			// The files here belong to a history that the replica does not hold.
			this.spool.clear();
			this.known.remove();
		}
		else if (remembered != null) {
			requireNoShrink(remembered, evidence);
		}
		if (!resync.snapshot()) {
			if (!this.known.bringTo(resync.base(), this.pageSize, listings, this.client,
					resync.source() == Source.HERE)) {
				// The hashes belong to another history, or to none.
				this.known.remove();
			}
			else if (remembered != null) {
				requireNewest(remembered, resync.base(), listings);
			}
		}
		PageHashesHeader header = this.known.header();
		return (remembered != null) ? new SameDatabase(mismatch(), remembered,
				(header != null) ? header.database() : null, evidence.wal().continuity().position()) : null;
	}

	private void requireNoShrink(Remembered remembered, Evidence evidence) throws IOException {
		LtxHeader newest = evidence.spool().newest();
		if (newest != null && !newest.maxTxid().isBefore(evidence.replica().newest())) {
			long bytes = this.options.path().toFile().length() + this.wal.toFile().length();
			new SameDatabase(mismatch(), remembered, null, null).requireNoShrink(newest, bytes);
		}
	}

	/**
	 * A file that was restored is judged by nothing earlier: the first commits after that
	 * may well bring a page back to what it was. A file whose WAL is older, or that was
	 * refused before, has to equal the newest state anyway.
	 */
	private void requireNewest(Remembered remembered, Txid base, List<LtxListing> listings) throws IOException {
		if (remembered.isRestored() || remembered == Remembered.PUT_BACK || remembered == Remembered.REFUSED
				|| this.provenance.isComplete()) {
			return;
		}
		try (PageHashes.Reader hashes = this.known.open(base, this.pageSize)) {
			if (hashes != null) {
				new EarlierPages(mismatch(), this.options.file(), this.wal).require(remembered, hashes,
						LtxSource.newestFirst(listings, this.client));
			}
		}
	}

	private Mismatch mismatch() throws IOException {
		return new Mismatch(this.options.name(), this.options.path().toString(), this.client.location(),
				this.options.onMismatch(), Objects.toString(this.provenance.refusal(), ""));
	}

}
