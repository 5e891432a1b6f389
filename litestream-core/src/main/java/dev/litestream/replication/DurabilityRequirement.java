package dev.litestream.replication;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import dev.litestream.DatabaseOptions;
import dev.litestream.Durability;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;

/**
 * Refuses a replica whose durability is lower than the options require.
 */
public final class DurabilityRequirement {

	private DurabilityRequirement() {
	}

	/**
	 * Opens a replica and checks its durability.
	 * @param client the replica
	 * @param options may require a durability
	 * @throws BelowRequirementException if it offers less or does not report it
	 * @throws IOException if it cannot be opened
	 */
	public static void open(ReplicaClient client, DatabaseOptions options) throws IOException {
		client.open();
		Durability required = options.requireDurability();
		if (required == null) {
			return;
		}
		Durability offered = client.condition().durability();
		if (offered == null) {
			throw new BelowRequirementException("The replica " + client.location()
					+ " does not tell what its acknowledgements are worth, but litestream.replica.require-durability is "
					+ words(required) + ": remove that, or use another replica");
		}
		if (!offered.covers(required)) {
			Set<Durability.Failure> missing = EnumSet.copyOf(required.survives());
			missing.removeAll(offered.survives());
			throw new BelowRequirementException("The replica " + client.location() + " offers " + words(offered)
					+ ", but litestream.replica.require-durability is " + words(required)
					+ ": what it acknowledges may not survive "
					+ missing.stream().map(DurabilityRequirement::words).collect(Collectors.joining(", "))
					+ ". Change the replica" + cure(offered, required) + ", or lower the requirement");
		}
	}

	private static String cure(Durability offered, Durability required) {
		boolean synced = required == Durability.SERVER_SYNCED || required == Durability.CLUSTER_SYNCED;
		boolean isSynced = offered == Durability.SERVER_SYNCED || offered == Durability.CLUSTER_SYNCED;
		return (synced && !isSynced)
				? " (if its servers run with `sync_interval: always`, say so by litestream.replica.sync-always=true)"
				: "";
	}

	private static String words(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * The replica works, but offers less than is required.
	 */
	public static final class BelowRequirementException extends ReplicaRefusedException {

		private static final long serialVersionUID = 1L;

		BelowRequirementException(String message) {
			super(message);
		}

	}

}
