package dev.litestream.replication;

import java.time.Duration;

import dev.litestream.DatabaseStatus;
import dev.litestream.LitestreamException;
import dev.litestream.Txid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last sync of one database, and what the log says about it: operators learn from it
 * whether anything is left behind. Never throws for a sync that failed; an interrupt is
 * kept.
 */
final class FinalSync {

	private static final Logger logger = LoggerFactory.getLogger(FinalSync.class);

	private final Replicator replicator;

	FinalSync(Replicator replicator) {
		this.replicator = replicator;
	}

	/**
	 * Syncs everything when replication stops.
	 * @param timeout the longest time that it may take
	 * @return whether everything is replicated
	 */
	boolean atStop(Duration timeout) {
		String name = this.replicator.name();
		boolean done = sync(timeout);
		DatabaseStatus status = this.replicator.status();
		if (done && this.replicator.isGone()) {
			logger.warn("{}: the database file {} is gone; everything that was synced before, up to TXID {}, is"
					+ " replicated", name, this.replicator.path(), status.replicatedTxid());
		}
		else if (done) {
			logger.atInfo()
				.addKeyValue("database", name)
				.addKeyValue("txid", status.replicatedTxid())
				.log("{}: everything up to TXID {} is replicated", name, status.replicatedTxid());
		}
		else {
			logger.atError()
				.addKeyValue("database", name)
				.addKeyValue("txid", status.txid())
				.addKeyValue("replicatedTxid", status.replicatedTxid())
				.log("{}: NOT everything is replicated: the replica has TXID {} of {}; {} bytes wait in {}{}", name,
						status.replicatedTxid(), status.txid(), status.counters().spoolBytes(),
						this.replicator.options().metaPath(),
						(status.lastError() != null) ? " (" + status.lastError() + ")" : "");
		}
		return done;
	}

	/**
	 * Syncs what was written since then. Silent if nothing was.
	 * @param timeout the longest time that it may take
	 */
	void atClose(Duration timeout) {
		String name = this.replicator.name();
		Txid before = this.replicator.status().replicatedTxid();
		boolean done = sync(timeout);
		Txid after = this.replicator.status().replicatedTxid();
		if (!done) {
			logger.error("{}: what was written last is NOT replicated yet; it waits in {}", name,
					this.replicator.options().metaPath());
		}
		else if (after.isAfter(before)) {
			logger.info("{}: everything up to TXID {} is replicated", name, after);
		}
	}

	private boolean sync(Duration timeout) {
		try {
			if (this.replicator.isGone()) {
				// No commit can be read any more; what was synced before is in the spool.
				return this.replicator.awaitSynced(timeout);
			}
			return this.replicator.sync(timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (LitestreamException ex) {
			logger.error("{}: {}", this.replicator.name(), ErrorLog.describe(ex));
		}
		return false;
	}

}
