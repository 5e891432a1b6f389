package dev.litestream.continuity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.DatabaseOptions;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import dev.litestream.wal.WalReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the {@link Evidence} for where a database's history goes on, from the local
 * spool, the WAL and the replica. One instance serves one investigation, in two steps:
 * {@link #look} reads the replica and may take long; {@link #evidence} follows while
 * nothing is added to the spool. Used by one thread.
 */
public final class Investigation {

	private static final Logger logger = LoggerFactory.getLogger(Investigation.class);

	private final DatabaseOptions options;

	private final Path wal;

	private final int pageSize;

	private final Spool spool;

	private final KnownPages known;

	private final Provenance provenance;

	private final ReplicaClient client;

	private List<LtxListing> listings = List.of();

	private Agreement agreement = Agreement.UNKNOWN;

	/** Whether the replica is not the one that the spool was last used with. */
	private boolean another;

	/** The newest readable file of the spool before the replica's was fetched. */
	private @Nullable Candidate before;

	private Txid knownTxid = Txid.ZERO;

	/** Whether the replica's newest file was made from this database's WAL. */
	private boolean ofThisWal;

	/**
	 * Prepares; nothing is read yet.
	 * @param options of the database
	 * @param wal its WAL
	 * @param pageSize its page size, in bytes
	 * @param spool where its files lie
	 * @param known the known pages of the replica
	 * @param provenance the notes beside the spool
	 * @param client the replica
	 */
	public Investigation(DatabaseOptions options, Path wal, int pageSize, Spool spool, KnownPages known,
			Provenance provenance, ReplicaClient client) {
		this.options = options;
		this.wal = wal;
		this.pageSize = pageSize;
		this.spool = spool;
		this.known = known;
		this.provenance = provenance;
		this.client = client;
	}

	/**
	 * Where syncs go on judging by the local spool alone, while the replica is not
	 * reachable.
	 * @return the place, or {@code null} if the replica is needed
	 * @throws IOException if the spool or the WAL cannot be read
	 */
	public @Nullable Place localEnd() throws IOException {
		if (this.provenance.isOverwritten()) {
			// Only the replica's pages can identify the file beside the WAL.
			return null;
		}
		Candidate local = newest();
		return (local != null) ? prove(local).place(local.header) : null;
	}

	/**
	 * Compares the replica with the spool.
	 * @param listings all levels
	 * @param begins whether syncs have not begun: then the replica's newest file is
	 * fetched into the spool if missing, since it shows whether the WAL continues where
	 * the replica ends
	 * @param acknowledged the newest position that the replica has acknowledged to this
	 * process
	 * @param spoolInUse whether syncs write to the spool; if not, its files are put away
	 * if they belong to another replica
	 * @throws IOException if a file cannot be read
	 */
	public void look(List<LtxListing> listings, boolean begins, Txid acknowledged, boolean spoolInUse)
			throws IOException {
		this.listings = listings;
		NewestFile newest = new NewestFile(this.spool, this.provenance, this.client);
		newest.forgetFetched();
		this.before = newest();
		this.knownTxid = (this.before != null) ? this.before.name.maxTxid() : restoredTo();
		this.agreement = newest.agreement(listings, acknowledged);
		this.another = isAnotherReplica() && this.agreement != Agreement.SAME && !LtxListing.maxTxid(listings).isZero();
		if (this.another && !spoolInUse) {
			putAway();
		}
		if (begins) {
			newest.fetch(listings);
		}
		if (this.provenance.remembered(this.options.path()) == Remembered.SAME_BEFORE_REBOOT) {
			LtxHeader header = newestHeader();
			this.ofThisWal = header != null && Generations.areOfOneRow(header,
					(this.before != null) ? this.before.header : null, this.wal, this.provenance.generation());
		}
	}

	private void putAway() throws IOException {
		logger.warn("{}: {} is not the replica that the files in {} belong to; they are put away", this.options.name(),
				this.client.location(), this.options.metaPath());
		this.spool.clear();
		this.known.remove();
		this.provenance.forgetDatabase();
		this.another = false;
		this.agreement = Agreement.UNKNOWN;
		this.before = null;
		this.knownTxid = Txid.ZERO;
	}

	/**
	 * Whether replica and spool hold different files of the same position.
	 * @return whether the two histories may have parted
	 */
	public boolean hasDiverged() {
		return this.agreement.isDiverged();
	}

	/**
	 * Completes the evidence. To be called while nothing is added to the spool.
	 * @param offline the position from which syncs went on without the replica, or
	 * {@code null} if they have not begun
	 * @return all that is known
	 * @throws IOException if the spool or the WAL cannot be read
	 */
	public Evidence evidence(@Nullable Txid offline) throws IOException {
		Txid remote = LtxListing.maxTxid(this.listings);
		LtxFileInfo raw = this.listings.get(0).newest();
		Candidate local = newest();
		Evidence.Replica replica = new Evidence.Replica(remote,
				!LtxListing.reach(this.listings, remote).isBefore(remote), raw != null && raw.maxTxid().equals(remote),
				this.agreement, this.another);
		Evidence.Kept kept = new Evidence.Kept((local != null) ? local.header : null, follows(local),
				this.before != null, this.knownTxid, pending(remote), !bridges(remote).isEmpty());
		Evidence.Memory memory = new Evidence.Memory(remembered(), this.provenance.isOverwritten(),
				this.provenance.isPutBack(), this.provenance.isSameBoot(), isMoved(), offline);
		boolean underWay = new Evidence(replica, kept, unread(), memory).isUnderWay();
		return new Evidence(replica, kept, underWay ? unread() : wal(local, raw), memory);
	}

	private Evidence.Wal unread() {
		return new Evidence.Wal(this.pageSize, Continuity.lost(ResyncReason.LOCAL_STATE_LOST), false, false);
	}

	private Evidence.Wal wal(@Nullable Candidate local, @Nullable LtxFileInfo raw) throws IOException {
		Continuity continuity = (local != null) ? prove(local) : Continuity.lost(ResyncReason.LOCAL_STATE_LOST);
		return new Evidence.Wal(this.pageSize, continuity, isLater(local), continuesReplica(raw));
	}

	/** A reboot explains missing commits only if they came from here. */
	private Remembered remembered() throws IOException {
		Remembered remembered = this.provenance.remembered(this.options.path());
		return (remembered == Remembered.SAME_BEFORE_REBOOT && !this.ofThisWal) ? Remembered.SAME : remembered;
	}

	/** The restored position, unless something was synced after it. */
	private Txid restoredTo() throws IOException {
		PageHashesHeader header = this.known.header();
		return (header != null && header.restored() && this.provenance.isRestored()) ? header.txid() : Txid.ZERO;
	}

	/**
	 * Whether the spool was last used with a replica elsewhere, or one that has been
	 * recreated since.
	 */
	private boolean isAnotherReplica() throws IOException {
		String location = this.provenance.location();
		return location != null && !(location.equals(this.client.location())
				&& this.client.identity().equals(this.provenance.storage()));
	}

	private boolean isMoved() throws IOException {
		String location = this.provenance.location();
		return location != null && !location.equals(this.client.location());
	}

	/**
	 * Whether the WAL continues the replica's newest file, although the spool holds a
	 * different file of its name: that one was written again after the first had been
	 * lost here.
	 */
	private boolean continuesReplica(@Nullable LtxFileInfo newest) throws IOException {
		if (newest == null || this.agreement != Agreement.ANOTHER) {
			return false;
		}
		try (WalReader reader = WalReader.open(this.wal);
				LtxReader ltx = new LtxReader(this.client.read(newest), newest.fileName())) {
			return Continuity.prove(reader, ltx).position() != null;
		}
	}

	/**
	 * Whether the replica's newest file, which the spool lacked, begins where the spool's
	 * newest ends, in the same or in the next generation of the WAL.
	 */
	private boolean follows(@Nullable Candidate fetched) {
		Candidate before = this.before;
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

	/** Whether the WAL is a later generation of the one that a file was made from. */
	private boolean isLater(@Nullable Candidate local) throws IOException {
		try (WalReader reader = WalReader.open(this.wal)) {
			return reader != null && local != null && local.header.walSize() != 0
					&& Generations.restarts(reader.header().start().salt1(), local.header.walSalt1()) > 0;
		}
	}

	/** The header of the replica's newest file, or {@code null} if it cannot be read. */
	private @Nullable LtxHeader newestHeader() throws IOException {
		for (LtxListing listing : this.listings) {
			LtxFileInfo file = listing.newest();
			if (file != null && file.maxTxid().equals(LtxListing.maxTxid(this.listings))) {
				try {
					return LtxSource.of(this.client, file).header();
				}
				catch (CorruptLtxException ex) {
					return null;
				}
			}
		}
		return null;
	}

	/**
	 * The spool's files that go on where the replica ends, or {@code null} if there is a
	 * gap. A snapshot stands for all before it, but only together with the raw file of
	 * its position, which keeps other writers from the position. Files missing before the
	 * two do not matter.
	 */
	private @Nullable List<SpoolFile> pending(Txid remote) throws IOException {
		List<SpoolFile> pending = new ArrayList<>();
		Set<Txid> bridges = bridges(remote);
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
					// Not forced to disk before a power loss; no file behind it is of
					// use.
					return null;
				}
				end = name.maxTxid();
			}
		}
		return pending;
	}

	/**
	 * The positions of snapshots in the spool that the replica still lacks and needs to
	 * be restorable. An older one may have been sent there again.
	 */
	private Set<Txid> bridges(Txid remote) throws IOException {
		Set<Txid> bridges = new HashSet<>();
		for (LtxFileName name : this.spool.list()) {
			if (isSnapshot(name) && !name.maxTxid().isBefore(remote)) {
				bridges.add(name.maxTxid());
			}
		}
		this.listings.get(ReplicaClient.SNAPSHOT_LEVEL).forEach((held) -> bridges.remove(held.maxTxid()));
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
				// Left by a power loss before it was forced to disk: treated as if it had
				// never existed. But it counts that a snapshot was to be sent.
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

	private Continuity prove(Candidate local) throws IOException {
		try (WalReader reader = WalReader.open(this.wal);
				LtxReader ltx = new LtxReader(this.spool.read(local.name), local.name.toString())) {
			return Continuity.prove(reader, ltx);
		}
	}

	/** A readable file of the spool. */
	private record Candidate(LtxFileName name, LtxHeader header) {

	}

}
