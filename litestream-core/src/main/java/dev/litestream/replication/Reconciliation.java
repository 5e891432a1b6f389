package dev.litestream.replication;

import java.io.IOException;
import java.util.List;

import dev.litestream.DatabaseOptions;
import dev.litestream.Txid;
import dev.litestream.capture.Sync;
import dev.litestream.continuity.Decision;
import dev.litestream.continuity.Decision.Fault;
import dev.litestream.continuity.Decision.GoOn;
import dev.litestream.continuity.Decision.Place;
import dev.litestream.continuity.Decision.Refuse;
import dev.litestream.continuity.Decision.Resync;
import dev.litestream.continuity.DatabaseMismatchException;
import dev.litestream.continuity.Evidence;
import dev.litestream.continuity.Investigation;
import dev.litestream.continuity.KnownPages;
import dev.litestream.continuity.Mismatch;
import dev.litestream.continuity.Preparation;
import dev.litestream.continuity.SameDatabase;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.replica.LtxConflictException;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Determines where a database's history goes on, and makes it go on there: gathers the
 * evidence ({@link Investigation}), decides ({@link Decision}), and sets the sync, the
 * upload queue and the state machine accordingly. Used by the upload task.
 */
final class Reconciliation {

	private static final Logger logger = LoggerFactory.getLogger(Reconciliation.class);

	private final DatabaseOptions options;

	private final ReplicaClient client;

	private final Spool spool;

	private final KnownPages known;

	private final Provenance provenance;

	private final Upload upload;

	private final Progress progress;

	private final StateMachine state;

	/** The position from which syncs went on without the replica. */
	private volatile @Nullable Txid offlineBase;

	Reconciliation(DatabaseOptions options, ReplicaClient client, Spool spool, KnownPages known, Provenance provenance,
			Upload upload, Progress progress, StateMachine state) {
		this.options = options;
		this.client = client;
		this.spool = spool;
		this.known = known;
		this.provenance = provenance;
		this.upload = upload;
		this.progress = progress;
		this.state = state;
	}

	/** The database is closed. */
	void closed() {
		this.offlineBase = null;
	}

	/**
	 * The replica cannot be reached: syncs begin by the spool alone, if that proves
	 * where. Returns whether they have begun just now.
	 */
	boolean beginOffline(Sync sync) throws IOException {
		synchronized (sync) {
			if (sync.isContinuationKnown()) {
				return false;
			}
			Place place = investigation(sync).localEnd();
			this.offlineBase = (place != null) ? place.txid() : null;
			if (place != null) {
				resume(sync, place);
			}
			this.progress.spooled(sync.txid());
			return true;
		}
	}

	/**
	 * Reconciles for the first time. Fails if the replica or the spool cannot be read.
	 */
	void begin(Sync sync, List<LtxListing> listings) throws IOException {
		// Not the sync's own position: it may have gone on by now.
		Txid from = decide(sync, listings, sync.isContinuationKnown() ? this.offlineBase : null);
		LoggingEventBuilder event = logger.atInfo().addKeyValue("database", this.options.name());
		(from.isZero() ? event : event.addKeyValue("txid", from)).log("{}: replicating to {} from {}",
				this.options.name(), this.client.location(), from.isZero() ? "the beginning" : "TXID " + from);
	}

	/**
	 * Compares the replica again: after a failure or a reconnection it may have been
	 * replaced, emptied, restored from an older state, or taken over by another writer.
	 * Throws {@link LtxConflictException} if another writer has taken over.
	 */
	void repeat(Sync sync, List<LtxListing> listings) throws IOException {
		Txid remote = LtxListing.maxTxid(listings);
		Txid txid;
		synchronized (sync) {
			txid = sync.txid();
		}
		if (remote.isAfter(txid)) {
			throw new LtxConflictException("The replica " + this.client.location() + " holds TXID " + remote
					+ ", but this application has only written up to " + txid + ". Another application "
					+ "replicates there now and has taken over; stop it, or give each its own bucket or "
					+ "litestream.dbs[].replica.path, then start this one again");
		}
		decide(sync, listings, sync.isContinuationKnown() ? txid : null);
	}

	/** Returns the position from which the history goes on. */
	private Txid decide(Sync sync, List<LtxListing> listings, @Nullable Txid offline) throws IOException {
		synchronized (sync) {
			this.spool.storeWaiting();
		}
		Investigation investigation = investigation(sync);
		investigation.look(listings, offline == null, this.progress.replicated(), sync.isContinuationKnown());
		if (this.state.isReconciled() && investigation.hasDiverged()) {
			throw new LtxConflictException("The replica " + this.client.location() + " holds another file as TXID "
					+ LtxListing.maxTxid(listings) + " than this application has written. Another application "
					+ "replicates there now; stop it, or give each its own bucket or "
					+ "litestream.dbs[].replica.path, then start this one again");
		}
		Evidence evidence;
		Decision decision;
		synchronized (sync) {
			// Files that are not stored in the spool yet would be dropped from the queue
			// and count as replicated. Nothing is added from here on.
			this.spool.storeWaiting();
			evidence = investigation.evidence(offline);
			tellIfEmptied(evidence);
			startTimestampsAfter(sync, listings);
			decision = Decision.of(evidence, this.options.onMismatch());
			if (decision instanceof GoOn goOn) {
				goOn(sync, goOn, evidence);
				return sync.txid();
			}
			sync.abandon();
			// Keeps an update from moving the hashes to the history that is given up.
			this.known.forgetAcknowledged();
			this.state.unreconciled();
		}
		try {
			if (decision instanceof Resync resync) {
				resync(sync, resync, evidence, listings);
				return resync.base();
			}
			if (decision instanceof Refuse refuse) {
				mismatch().report(refuse.fault(), evidence);
			}
			return evidence.end();
		}
		catch (DatabaseMismatchException ex) {
			if (!(decision instanceof Refuse refuse) || refuse.fault() == Fault.OLDER_COPY) {
				// It is the file's fault, and not the replica's.
				this.provenance.rememberRefused(ex.fault());
			}
			throw ex;
		}
	}

	private void goOn(Sync sync, GoOn decision, Evidence evidence) throws IOException {
		Place place = decision.from();
		if (place != null) {
			resume(sync, place);
		}
		if (place != null || this.provenance.hasRebootedSince(this.options.path())) {
			this.provenance.rememberDatabase(this.options.path(), sync.generation());
		}
		queue(sync, decision.pending(), evidence.replica().newest());
	}

	private void resume(Sync sync, Place place) throws IOException {
		// A power loss may have taken files that were already applied to them.
		this.known.removeAhead(place.txid());
		sync.startTimestampsAfter(place.time());
		sync.resume(place);
	}

	private void resync(Sync sync, Resync resync, Evidence evidence, List<LtxListing> listings) throws IOException {
		resync.overruled().forEach((fault) -> mismatch().report(fault, evidence));
		// Not under the sync's monitor, which checkpoints need: this may read much of the
		// replica.
		SameDatabase judge = new Preparation(this.options, sync.wal(), sync.pageSize(), this.spool, this.known,
				this.client, this.provenance)
			.prepare(resync, evidence, listings);
		synchronized (sync) {
			if (resync.clear()) {
				this.spool.clear();
			}
			sync.resync(resync.base(), resync.reason(), resync.snapshot(), judge);
			queue(sync, resync.pending(), evidence.replica().newest());
		}
	}

	/**
	 * Queues the files that the replica lacks. Under the sync's monitor: nothing is added
	 * meanwhile.
	 */
	private void queue(Sync sync, List<SpoolFile> pending, Txid remote) {
		this.upload.clear();
		pending.forEach(this.upload::add);
		Txid replicated = pending.isEmpty() ? sync.txid() : pending.get(0).before();
		this.progress.positions(sync.txid(), replicated.isAfter(remote) ? remote : replicated);
		this.progress.walSize = sync.walSize();
		this.progress.databaseBytes = sync.databaseSize();
		this.state.reconciled();
	}

	private static void startTimestampsAfter(Sync sync, List<LtxListing> listings) {
		for (LtxListing listing : listings) {
			LtxFileInfo newest = listing.newest();
			if (newest != null) {
				sync.startTimestampsAfter(newest.createdAt());
			}
		}
	}

	private void tellIfEmptied(Evidence evidence) throws IOException {
		Txid known = evidence.spool().known();
		if (known.isZero() || !evidence.replica().newest().isZero()) {
			return;
		}
		if (evidence.memory().moved()) {
			logger.warn(
					"{}: the replica is {} now and was {} before. It is empty, so the whole database is sent there."
							+ " Points before this moment can only be restored from the one before",
					this.options.name(), this.client.location(), this.provenance.location());
		}
		else {
			logger.warn("{}: the replica {} is empty, although it held the database up to TXID {}: it was emptied or"
					+ " recreated{}. Point-in-time restores reach back no further than this moment. The database is"
					+ " sent again", this.options.name(), this.client.location(), known,
					this.client.type().equals("file") ? ", or its file system is not mounted" : "");
		}
	}

	private Mismatch mismatch() {
		return new Mismatch(this.options.name(), this.options.path().toString(), this.client.location(),
				this.options.onMismatch(), "");
	}

	private Investigation investigation(Sync sync) {
		return new Investigation(this.options, sync.wal(), sync.pageSize(), this.spool, this.known, this.provenance,
				this.client);
	}

}
