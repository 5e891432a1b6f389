package dev.litestream.replication;

import java.time.Duration;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.Txid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The last sync of one database. It logs whether anything is left behind, for operators.
 * Never throws if a sync fails; an interrupt is kept.
 */
final class FinalSync {

	private static final Logger logger = LoggerFactory.getLogger(FinalSync.class);

	private final DatabaseOptions options;

	private final Claim claim;

	private final Acknowledgement acknowledgement;

	private final Progress progress;

	FinalSync(DatabaseOptions options, Claim claim, Acknowledgement acknowledgement, Progress progress) {
		this.options = options;
		this.claim = claim;
		this.acknowledgement = acknowledgement;
		this.progress = progress;
	}

	/**
	 * Syncs everything when replication stops. Returns whether everything was replicated
	 * within the timeout.
	 */
	boolean atStop(Duration timeout) {
		String name = this.options.name();
		boolean done = sync(timeout);
		DatabaseStatus status = this.progress.status();
		if (done && this.claim.isGone()) {
			logger.warn("{}: the database file {} is gone; everything that was synced before{} is replicated", name,
					this.options.path(),
					status.replicatedTxid().isZero() ? "" : ", up to TXID " + status.replicatedTxid() + ",");
		}
		else if (done) {
			known("txid", status.replicatedTxid(), logger.atInfo().addKeyValue("database", name)).log(
					"{}: everything{} is replicated", name,
					status.replicatedTxid().isZero() ? "" : " up to TXID " + status.replicatedTxid());
		}
		else {
			known("replicatedTxid", status.replicatedTxid(),
					known("txid", status.txid(), logger.atError().addKeyValue("database", name)))
				.log("{}: NOT everything is replicated: {}; {}{}", name, positions(status), waiting(status),
						(status.lastError() != null) ? " (" + status.lastError() + ")" : "");
		}
		return done;
	}

	private static LoggingEventBuilder known(String key, Txid txid, LoggingEventBuilder event) {
		return txid.isZero() ? event : event.addKeyValue(key, txid);
	}

	private static String positions(DatabaseStatus status) {
		if (status.replicatedTxid().isZero()) {
			return "the position of the replica is not known";
		}
		return "the replica has TXID " + status.replicatedTxid()
				+ (status.txid().isAfter(status.replicatedTxid()) ? " of " + status.txid() : "");
	}

	/** What is missing there and where it is. */
	private String waiting(DatabaseStatus status) {
		long bytes = status.counters().spoolBytes();
		if (bytes > 0) {
			return bytes + " bytes wait in " + this.options.metaPath();
		}
		return "nothing waits in " + this.options.metaPath() + ": " + this.options.path()
				+ " was not synced to the end of its WAL"
				+ ((status.lastError() == null) ? " within litestream.shutdown-sync-timeout" : "")
				+ ", and commits that are not replicated are in these two files alone";
	}

	/** Syncs commits made since then, within the timeout. Silent if there were none. */
	void atClose(Duration timeout) {
		String name = this.options.name();
		Txid before = this.progress.replicated();
		boolean done = sync(timeout);
		Txid after = this.progress.replicated();
		if (!done) {
			logger.error("{}: the last commits are NOT replicated yet; they wait in {}", name, this.options.metaPath());
		}
		else if (after.isAfter(before)) {
			logger.info("{}: everything up to TXID {} is replicated", name, after);
		}
	}

	private boolean sync(Duration timeout) {
		try {
			if (this.claim.isGone()) {
				// Commits can no longer be read; those synced before are in the spool.
				return this.acknowledgement.awaitSynced(timeout);
			}
			return this.acknowledgement.awaitCommitted(timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (LitestreamException ex) {
			logger.error("{}: {}", this.options.name(), ErrorLog.describe(ex));
		}
		return false;
	}

}
