package dev.litestream.nats.bucket;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.replica.ForeignText;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;

/**
 * Lists the objects of a database from the index of its bucket. Complete, or an
 * exception. Thread-safe.
 */
final class ObjectList {

	private final BucketIndex index;

	private final BucketScan scan;

	private final ObjectNames names;

	/** Objects that the last listing left out because their chunks are missing. */
	private volatile Set<String> phantoms = Set.of();

	/** What lay in the place of the backup the last time, and is no part of it. */
	private volatile List<ReplicaFinding> strange = List.of();

	ObjectList(BucketIndex index, BucketScan scan, ObjectNames names) {
		this.index = index;
		this.scan = scan;
		this.names = names;
	}

	/** Lists a level; complete, or an exception. */
	LtxListing list(int level) throws IOException {
		return this.index.ask(this.scan, (objects, state) -> {
			look(objects);
			objects.requireNoLegacyBackup(this.names, location());
			return objects.list(this.names, level);
		});
	}

	/** Lists all ten levels; complete, or an exception. */
	List<LtxListing> list() throws IOException {
		return this.index.ask(this.scan, (objects, state) -> {
			look(objects);
			objects.requireNoLegacyBackup(this.names, location());
			List<LtxListing> levels = new ArrayList<>();
			for (int level = 0; level < ReplicaClient.LEVELS; level++) {
				levels.add(objects.list(this.names, level));
			}
			return levels;
		});
	}

	/** Takes note of what a listing would leave out or stumble over. */
	void look(IndexedObjects objects) {
		this.phantoms = objects.phantoms(this.names);
		this.strange = objects.findings(this.names);
	}

	/**
	 * What was found the last time that somebody looked: objects that are named and whose
	 * content is missing, and what is no part of the backup.
	 */
	List<ReplicaFinding> findings() {
		Set<String> missing = this.phantoms;
		List<ReplicaFinding> findings = new ArrayList<>(this.strange);
		if (!missing.isEmpty()) {
			findings.add(new ReplicaFinding(ReplicaFinding.Severity.WARNING, "phantoms", location() + " names "
					+ ((missing.size() == 1) ? "an object whose content is"
							: missing.size() + " objects whose content is")
					+ " missing, such as '" + ForeignText.shown(missing.iterator().next())
					+ "': it was lost in the NATS server. Restores do"
					+ " without; what only it held is sent again from the database. Look at the server's disks and log"));
		}
		return findings;
	}

	/**
	 * Objects without content that are of no use any more: as files of their level that
	 * end no sooner are deleted, because others hold what they held.
	 */
	List<String> superseded(Collection<LtxFileInfo> files) {
		Txid[] ends = new Txid[ReplicaClient.LEVELS];
		Arrays.fill(ends, Txid.ZERO);
		files.forEach((file) -> ends[file.level()] = Txid.max(ends[file.level()], file.maxTxid()));
		List<String> found = new ArrayList<>();
		for (String name : this.phantoms) {
			LtxFileName file = LtxFileName.parse(name.substring(name.lastIndexOf('/') + 1));
			if (file != null && !file.maxTxid().isAfter(ends[this.names.level(name)])) {
				found.add(name);
			}
		}
		return found;
	}

	private String location() {
		return this.scan.api().options().location();
	}

}
