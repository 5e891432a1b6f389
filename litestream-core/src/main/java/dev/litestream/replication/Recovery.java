package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replication.Identity.Remembered;
import dev.litestream.replication.NewestFile.Agreement;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out where a database's history goes on: from the local spool, the WAL and what
 * the replica holds. The next file never gets a TXID that the replica has (law 9), an
 * increment is only written where continuity is proved (law 5), and nothing at all where
 * the replica's newest state cannot have come from here. One instance serves one look.
 */
final class Recovery {

	private static final Logger logger = LoggerFactory.getLogger(Recovery.class);

	private final Sync sync;

	private final Spool spool;

	private final KnownPages known;

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Identity identity;

	private final ResyncGuard guard;

	/** What the replica's newest file is to the spool. */
	private Agreement agreement = Agreement.UNKNOWN;

	/** Whether the replica is not the one that the spool was last used with. */
	private boolean stranger;

	/** The newest readable file of the spool before the replica's was fetched. */
	private @Nullable Candidate remembered;

	/** Whether the WAL is a later one of the database that the spool is of. */
	private boolean laterWal;

	/** Whether the WAL is as it was, but the file beside it was written to. */
	private boolean overwritten;

	/** Whether the WAL is older than what was replicated from it. */
	private boolean putBack;

	/** Whether the replica's newest file is known to come from here. */
	private boolean ours;

	/** Whether another writer went on, and is to be overwritten. */
	private boolean overwriting;

	/** The newest position known here to be in this database's history. */
	private Txid rememberedMax = Txid.ZERO;

	Recovery(Sync sync, Spool spool, KnownPages known, Identity identity, DatabaseOptions options,
			ReplicaClient client) {
		this.guard = new ResyncGuard(options, client, identity);
		this.sync = sync;
		this.spool = spool;
		this.known = known;
		this.options = options;
		this.client = client;
		this.identity = identity;
	}

	/**
	 * Continues from the local spool alone while the replica is away.
	 * @return the position continued from, or {@code null} if the replica is needed
	 * @throws IOException if the spool cannot be read
	 */
	@Nullable Txid resumeLocally() throws IOException {
		if (this.identity.isOverwritten()) {
			// Only the replica's pages tell what the file beside the WAL is.
			return null;
		}
		Candidate local = newest();
		synchronized (this.sync) {
			Continuity continuity = prove(local);
			if (local == null || continuity.position() == null) {
				return null;
			}
			resume(local, continuity);
			return local.name.maxTxid();
		}
	}

	/**
	 * Looks at the replica beside the spool, before {@link #decide}. Not under the sync's
	 * monitor.
	 * @param listings all levels
	 * @param fetch whether to bring the replica's newest file into the spool if that
	 * lacks it: it shows whether the WAL continues where the replica ends
	 * @param acknowledged the newest position that the replica has acknowledged to this
	 * process
	 * @throws IOException if a file cannot be read
	 */
	void look(List<LtxListing> listings, boolean fetch, Txid acknowledged) throws IOException {
		NewestFile newest = new NewestFile(this.spool, this.identity, this.client);
		newest.forgetFetched();
		this.remembered = newest();
		this.rememberedMax = (this.remembered != null) ? this.remembered.name.maxTxid() : restoredTo();
		this.agreement = newest.agreement(listings, acknowledged);
		this.stranger = isAnotherReplica() && this.agreement != Agreement.SAME && !maxTxid(listings).isZero();
		if (this.stranger && !this.sync.isReady()) {
			logger.warn("{}: {} is not the replica that the files in {} belong to; they are put away",
					this.options.name(), this.client.location(), this.options.metaPath());
			this.spool.clear();
			this.known.remove();
			this.identity.forgetDatabase();
			this.stranger = false;
			this.agreement = Agreement.UNKNOWN;
			this.remembered = null;
			this.rememberedMax = Txid.ZERO;
		}
		if (fetch) {
			newest.fetch(listings);
		}
		this.guard.look(listings, (this.remembered != null) ? this.remembered.header : null, this.sync.wal());
		if (this.identity.isPutBack()) {
			putBack();
		}
	}

	private void putBack() {
		this.putBack = true;
		this.guard.putBack();
	}

	/** Whether the replica holds another file of a position than the spool. */
	boolean hasDiverged() {
		return this.agreement.isDiverged();
	}

	/** What was restored, unless something was synced after it. */
	private Txid restoredTo() throws IOException {
		PageHashesHeader header = this.known.header();
		return (header != null && header.restored() && this.identity.isRestored()) ? header.txid() : Txid.ZERO;
	}

	/** Whether the spool was last used with a replica elsewhere, or since recreated. */
	private boolean isAnotherReplica() throws IOException {
		String location = this.identity.location();
		String storage = this.identity.storage();
		return location != null && !(location.equals(this.client.location()) && this.client.identity().equals(storage));
	}

	/**
	 * The replica's newest position, over all levels.
	 * @param listings all levels
	 * @return the position, zero if the replica is empty
	 */
	static Txid maxTxid(List<LtxListing> listings) {
		Txid max = Txid.ZERO;
		for (LtxListing listing : listings) {
			max = Txid.max(max, listing.maxTxid());
		}
		return max;
	}

	/**
	 * Decides with the replica's listings at hand. Called under the sync's monitor.
	 * Continues the sync if nothing but the spool's files is to be shipped.
	 * @param listings all levels
	 * @param offlineBase the position from which syncs went on without the replica, or
	 * {@code null}
	 * @return what is to be done
	 * @throws IOException if the spool or the WAL cannot be read
	 * @throws DatabaseMismatchException if the replica's newest state is not from here
	 */
	Decision decide(List<LtxListing> listings, @Nullable Txid offlineBase) throws IOException {
		Txid remote = maxTxid(listings);
		Candidate local = newest();
		Txid localMax = (local != null) ? local.name.maxTxid() : Txid.ZERO;
		Txid base = Txid.max(localMax, remote);
		LtxFileInfo newestRaw = listings.get(0).newest();
		this.ours = this.agreement == Agreement.SAME && newestRaw != null && newestRaw.maxTxid().equals(remote);
		for (LtxListing listing : listings) {
			LtxFileInfo newest = listing.newest();
			if (newest != null) {
				this.sync.startTimestampsAfter(newest.createdAt());
			}
		}
		if (remote.isZero() && !this.rememberedMax.isZero()) {
			emptied();
		}
		if (this.stranger || this.agreement.isDiverged() && !continuesReplica(newestRaw) && !mayHaveLost()) {
			this.guard.spoolMismatch("cannot go on in " + this.client.location()
					+ ((this.agreement == Agreement.UNREADABLE)
							? ": the newest file there is damaged, and nothing says whether it has come from here"
							: ": another application has replicated there under the TXIDs of this one"));
		}
		if (this.stranger || this.agreement.isDiverged()) {
			return resync(remote, ResyncReason.DIVERGED, false, true);
		}
		List<SpoolFile> pending = pending(remote, listings);
		boolean bridged = pending != null && pending.stream().anyMatch(SpoolFile::isSnapshot);
		if (!bridged && LtxListing.reach(listings, remote).isBefore(remote)) {
			return resync(base, ResyncReason.REPLICA_BEHIND, true, true);
		}
		if (local != null && local.header.pageSize() != this.sync.pageSize()) {
			return resync(base, ResyncReason.PAGE_SIZE_CHANGED, true, true);
		}
		if (pending == null) {
			// The replica lacks files that are gone here too: its history goes on with
			// what differs from its end, unless that would not restore.
			return resync(remote, lost(remote), !bridges(remote, listings).isEmpty(), true);
		}
		if (!bridged && this.agreement == Agreement.DAMAGED) {
			// What waits would not restore: it counts when the snapshot is there.
			return resync(base, ResyncReason.BACKUP_DAMAGED, true, true);
		}
		if (offlineBase != null && (!offlineBase.isBefore(remote) || this.agreement == Agreement.SAME)) {
			if (this.identity.hasRebootedSince(this.options.path())) {
				this.identity.rememberDatabase(this.options.path(), this.sync.generation());
			}
			return new Decision(null, pending);
		}
		Continuity continuity = prove(local);
		this.laterWal = isLaterWal(local);
		this.overwritten = continuity.position() != null && this.identity.isOverwritten();
		if (this.overwritten) {
			this.guard.overwritten();
		}
		else if (offlineBase == null && local != null && continuity.position() != null && localMax.equals(base)) {
			resume(local, continuity);
			this.identity.rememberDatabase(this.options.path(), this.sync.generation());
			return new Decision(null, pending);
		}
		else if (continuity.behind() && this.identity.isSameBoot()) {
			putBack();
		}
		this.ours |= localMax.equals(remote) && (isOurs(local) || hasLostItsTail(continuity));
		Txid known = (offlineBase != null) ? offlineBase : this.rememberedMax;
		if (remote.isAfter(known) && !known.isZero() && !this.ours && !mayHaveLost()) {
			// Another writer went on: ours is not its continuation.
			this.guard
				.spoolMismatch("ends at TXID " + known + ", but " + this.client.location() + " goes on to " + remote
						+ ": another application replicates there, or this directory was put back from an older copy");
			this.overwriting = true;
		}
		if (remote.isAfter(this.rememberedMax) && !this.rememberedMax.isZero()
				&& continuity.reason() == ResyncReason.FRAME_MISMATCH
				&& this.guard.remembered() == Remembered.ANOTHER) {
			this.guard.spoolMismatch("is not the continuation of what the replica holds: it is another file than the"
					+ " one replicated before, and its WAL lacks frames that are in " + this.client.location()
					+ ". It is an older copy");
		}
		ResyncReason reason = reason(base, remote, continuity);
		// What was written before the replica was looked at does not follow its newest
		// file.
		return (offlineBase != null) ? resync(remote, reason, false, true)
				: resync(base, reason, false, false).with(pending);
	}

	/**
	 * Whether what the replica has of later positions may have come from here and have
	 * been lost with the power.
	 */
	private boolean mayHaveLost() throws IOException {
		return this.guard.remembered() == Remembered.SAME_BEFORE_REBOOT;
	}

	private void emptied() throws IOException {
		String before = this.identity.location();
		if (before != null && !before.equals(this.client.location())) {
			logger.warn(
					"{}: the replica is {} now and was {} before. It is empty, so the whole database is sent there."
							+ " Points before this moment can only be restored from the one before",
					this.options.name(), this.client.location(), before);
		}
		else {
			logger.warn("{}: the replica {} is empty, although it held the database up to TXID {}: it was emptied or"
					+ " recreated. Point-in-time restores reach back no further than this moment. The database is"
					+ " sent again", this.options.name(), this.client.location(), this.rememberedMax);
		}
	}

	private ResyncReason lost(Txid remote) throws IOException {
		if (!remote.isZero()) {
			return ResyncReason.REPLICA_BEHIND;
		}
		String before = this.identity.location();
		boolean first = this.rememberedMax.isZero() || (before != null && !before.equals(this.client.location()));
		return first ? ResyncReason.FIRST_SYNC : ResyncReason.REPLICA_EMPTIED;
	}

	/**
	 * Whether the WAL continues the replica's newest file, although the spool holds
	 * another one of its name: that was written again after it had been lost here.
	 */
	private boolean continuesReplica(@Nullable LtxFileInfo newest) throws IOException {
		if (newest == null || this.agreement == Agreement.UNREADABLE) {
			return false;
		}
		try (WalReader wal = WalReader.open(this.sync.wal());
				LtxReader ltx = new LtxReader(this.client.read(newest), newest.fileName())) {
			return Continuity.prove(wal, ltx).position() != null;
		}
	}

	/**
	 * Whether the replica's newest file, which the spool lacked, was on its way when we
	 * ended: it begins where the spool's newest ends, in the same or in the next
	 * generation of the WAL.
	 */
	private boolean isOurs(@Nullable Candidate fetched) {
		Candidate before = this.remembered;
		if (fetched == null || before == null || !fetched.name.minTxid().equals(before.name.maxTxid().next())) {
			return false;
		}
		LtxHeader next = fetched.header;
		LtxHeader last = before.header;
		if (next.walSalt1() == last.walSalt1() && next.walSalt2() == last.walSalt2()) {
			return next.walOffset() == last.walOffset() + last.walSize();
		}
		return next.walSalt1() == last.walSalt1() + 1;
	}

	/**
	 * Whether the WAL is the one of the replica's newest file, by its random salts, but
	 * lacks frames of it: the power was lost, and took the newest commits with it, and
	 * maybe files of the spool. Either it is the file that was replicated before, or the
	 * spool beside it shows that the replica's newest file came from here.
	 */
	private boolean hasLostItsTail(Continuity continuity) throws IOException {
		return !this.putBack && continuity.reason() == ResyncReason.FRAME_MISMATCH
				&& (this.guard.remembered().isSame() || this.agreement == Agreement.SAME);
	}

	/**
	 * Whether the WAL is a later generation of the one that a file was made of: SQLite
	 * begins with a random first salt and adds one at each restart.
	 */
	private boolean isLaterWal(@Nullable Candidate local) throws IOException {
		try (WalReader wal = WalReader.open(this.sync.wal())) {
			if (wal == null || local == null || local.header.walSize() == 0) {
				return false;
			}
			return ResyncGuard.restarts(wal.header().start().salt1(), local.header.walSalt1()) > 0;
		}
	}

	private ResyncReason reason(Txid base, Txid remote, Continuity continuity) throws IOException {
		if (this.overwritten || this.putBack) {
			return ResyncReason.DATABASE_REPLACED;
		}
		if (base.isZero()) {
			return lost(remote);
		}
		PageHashesHeader header = this.known.header();
		if (this.remembered == null && header != null && header.restored() && header.txid().equals(base)
				&& this.identity.isRestored(this.options.path())) {
			return ResyncReason.RESTORED;
		}
		if (hasLostItsTail(continuity)) {
			return ResyncReason.FRAME_MISMATCH;
		}
		if (!this.laterWal && this.guard.remembered() == Remembered.ANOTHER) {
			return ResyncReason.DATABASE_REPLACED;
		}
		if (this.remembered == null) {
			return ResyncReason.LOCAL_STATE_LOST;
		}
		if (this.rememberedMax.isBefore(remote)) {
			return ResyncReason.REPLICA_AHEAD;
		}
		return (continuity.reason() != null) ? continuity.reason() : ResyncReason.LOCAL_STATE_LOST;
	}

	private Decision resync(Txid base, ResyncReason reason, boolean snapshot, boolean clear) {
		return new Decision(new Resync(base, reason, snapshot, clear), List.of());
	}

	/**
	 * Gets ready for a resync: brings the page hashes to its base, as far as they are to
	 * be had. Not under the sync's monitor.
	 * @param resync the resync
	 * @param listings all levels
	 * @return what judges the database before anything is shipped, or {@code null} if the
	 * replica holds nothing to compare it with
	 * @throws IOException if the replica cannot be read now
	 */
	@Nullable Continuation prepare(Resync resync, List<LtxListing> listings) throws IOException {
		if (resync.base().isZero() || maxTxid(listings).isZero()) {
			this.known.remove();
			return null;
		}
		if (resync.reason() == ResyncReason.DIVERGED || this.overwriting) {
			// What is here is of a history that the replica does not hold.
			this.spool.clear();
			this.known.remove();
		}
		boolean proved = !this.putBack && this.laterWal || resync.reason() == ResyncReason.FRAME_MISMATCH;
		Candidate newest = newest();
		if (newest != null && !proved && !newest.name.maxTxid().isBefore(maxTxid(listings))) {
			this.guard.requireNoShrink(newest.header, this.sync.wal());
		}
		boolean ours = this.ours || resync.reason() == ResyncReason.RESTORED;
		if (!resync.snapshot()
				&& !this.known.bringTo(resync.base(), this.sync.pageSize(), listings, this.client, ours)) {
			// What the hashes say is of another history, or of none.
			this.known.remove();
		}
		if (proved) {
			return null;
		}
		PageHashesHeader header = this.known.header();
		return this.guard.continuation((header != null) ? header.database() : null);
	}

	private void resume(Candidate local, Continuity continuity) throws IOException {
		// A power loss may have taken files that they were brought forward by.
		this.known.removeAhead(local.name.maxTxid());
		this.sync.startTimestampsAfter(local.header.createdAt());
		this.sync.resume(local.name.maxTxid(), continuity.position(), local.header.commit());
	}

	/**
	 * The spool's files that go on where the replica ends, or {@code null} if one is
	 * missing between. A snapshot stands for all before it, but only goes with the raw
	 * file of its position: that keeps others from the position. What is missing before
	 * the two is not missed.
	 */
	private @Nullable List<SpoolFile> pending(Txid remote, List<LtxListing> listings) throws IOException {
		List<SpoolFile> pending = new ArrayList<>();
		Set<Txid> bridges = bridges(remote, listings);
		Txid end = remote;
		for (LtxFileName name : this.spool.list()) {
			boolean snapshot = isSnapshot(name);
			if (snapshot ? bridges.contains(name.maxTxid()) : name.maxTxid().isAfter(remote)) {
				boolean follows = snapshot ? name.maxTxid().equals(end) : name.minTxid().equals(end.next());
				if (!follows) {
					if (snapshot || !bridges.contains(name.maxTxid())) {
						return null;
					}
					pending.clear();
				}
				try {
					pending.add(this.spool.describe(name, verify(name).createdAt()));
				}
				catch (CorruptLtxException ex) {
					// Not forced to disk before a power loss; nothing behind it is of
					// use.
					return null;
				}
				end = name.maxTxid();
			}
		}
		return pending;
	}

	/**
	 * The positions of snapshots in the spool that the replica has yet to get, so that it
	 * restores again. An older one may have gone there again.
	 */
	private Set<Txid> bridges(Txid remote, List<LtxListing> listings) throws IOException {
		Set<Txid> bridges = new HashSet<>();
		for (LtxFileName name : this.spool.list()) {
			if (isSnapshot(name) && !name.maxTxid().isBefore(remote)) {
				bridges.add(name.maxTxid());
			}
		}
		listings.get(ReplicaClient.SNAPSHOT_LEVEL).forEach((held) -> bridges.remove(held.maxTxid()));
		return bridges;
	}

	private static boolean isSnapshot(LtxFileName name) {
		return SpoolFile.isSnapshot(name.minTxid(), name.maxTxid());
	}

	private @Nullable Candidate newest() throws IOException {
		List<LtxFileName> names = this.spool.list();
		for (int i = names.size() - 1; i >= 0; i--) {
			LtxFileName name = names.get(i);
			try {
				return new Candidate(name, verify(name));
			}
			catch (CorruptLtxException ex) {
				// Left by a power loss, before it was forced to disk: as if it had never
				// been. But that a snapshot was to be sent has to be known.
				if (!isSnapshot(name)) {
					Files.delete(this.spool.path(name));
				}
			}
		}
		return null;
	}

	private LtxHeader verify(LtxFileName name) throws IOException {
		return LtxReader.verify(this.spool.read(name), name.toString());
	}

	private LtxReader open(LtxFileName name) throws IOException {
		return new LtxReader(this.spool.read(name), name.toString());
	}

	private Continuity prove(@Nullable Candidate local) throws IOException {
		if (local == null) {
			return Continuity.lost(ResyncReason.LOCAL_STATE_LOST);
		}
		try (WalReader wal = WalReader.open(this.sync.wal()); LtxReader ltx = open(local.name)) {
			return Continuity.prove(wal, ltx);
		}
	}

	/** The newest readable file of the spool. */
	private record Candidate(LtxFileName name, LtxHeader header) {

	}

	/**
	 * Where the history goes on.
	 *
	 * @param resync the resync that is needed, or {@code null} if the sync goes on
	 * @param pending the spool's files that the replica lacks, oldest first
	 */
	record Decision(@Nullable Resync resync, List<SpoolFile> pending) {

		private Decision with(List<SpoolFile> pending) {
			return new Decision(this.resync, pending);
		}

	}

	/**
	 * A resync.
	 *
	 * @param base the position whose state the database is compared with
	 * @param reason why
	 * @param snapshot whether it stands for all of the history
	 * @param clear whether the spool's files are of no use any more
	 */
	record Resync(Txid base, ResyncReason reason, boolean snapshot, boolean clear) {

	}

}
