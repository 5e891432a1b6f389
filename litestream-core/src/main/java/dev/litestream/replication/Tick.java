package dev.litestream.replication;

import java.io.IOException;
import java.nio.file.Path;

import dev.litestream.capture.OpenDatabase;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * The work at every sync interval: makes tasks of one database due that no commit has
 * woken. Most databases are idle and have to cost little, so that is checked here, on the
 * thread that ticks for all.
 */
final class Tick {

	private final Path metaPath;

	private final ReplicaClient client;

	private final Claim claim;

	private final SyncLoop syncs;

	private final UploadLoop uploads;

	private final CheckpointLoop checkpoints;

	private final Shipping shipping;

	private final StateMachine state;

	Tick(Path metaPath, ReplicaClient client, Claim claim, SyncLoop syncs, UploadLoop uploads,
			CheckpointLoop checkpoints, Shipping shipping, StateMachine state) {
		this.metaPath = metaPath;
		this.client = client;
		this.claim = claim;
		this.syncs = syncs;
		this.uploads = uploads;
		this.checkpoints = checkpoints;
		this.shipping = shipping;
		this.state = state;
	}

	void run() {
		OpenDatabase database = this.claim.database();
		// Files grow old while nobody commits.
		this.uploads.tickLevels();
		if (isIdle(database)) {
			return;
		}
		this.syncs.tick();
		this.uploads.wake();
		if (database != null) {
			this.checkpoints.tick(database);
		}
	}

	private boolean isIdle(@Nullable OpenDatabase database) {
		try {
			if (database == null) {
				return !this.claim.exists();
			}
			if (!this.syncs.isIdle(database)) {
				return false;
			}
			this.shipping.foundNothing();
			this.state.caughtUp();
			lookWhetherReplicaIsWithinReach();
			this.checkpoints.wake(database);
			return true;
		}
		catch (IOException ex) {
			// The task will fail in the same way, and report it.
			return false;
		}
	}

	/** While nothing is sent, only this check notices. */
	private void lookWhetherReplicaIsWithinReach() {
		String outage = this.client.outage();
		if (outage != null) {
			this.state.outOfReach(this.client.location(),
					new ReplicaUnavailableException(outage + ". Nothing waits for it; new commits are kept in "
							+ this.metaPath + " and sent once it is back"));
		}
		else if (this.state.isOutOfReach() || !this.client.isConnected()) {
			// It may have been replaced, or be unreachable for another reason.
			this.state.withinReach();
			this.uploads.lookAgain();
		}
		else {
			this.uploads.tickIdle();
		}
	}

}
