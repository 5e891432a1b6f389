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
 * exception. Safe for use by several threads.
 */
final class ObjectList {

	private final BucketIndex index;

	private final BucketScan scan;

	private final ObjectNames names;

	/** Objects that the last listing left out because their chunks are missing. */
	private volatile Set<String> phantoms = Set.of();

	ObjectList(BucketIndex index, BucketScan scan, ObjectNames names) {
		this.index = index;
		this.scan = scan;
		this.names = names;
	}

	/**
	 * Lists a level.
	 * @param level 0 to 9
	 * @return the listing
	 * @throws IOException if the listing could not be proved complete
	 */
	LtxListing list(int level) throws IOException {
		return this.index.ask(this.scan, (objects, state) -> {
			objects.requireNoLegacyBackup(this.names, location());
			this.phantoms = objects.phantoms(this.names);
			return objects.list(this.names, level);
		});
	}

	/**
	 * Lists all levels.
	 * @return ten listings, by level
	 * @throws IOException if the listing could not be proved complete
	 */
	List<LtxListing> list() throws IOException {
		return this.index.ask(this.scan, (objects, state) -> {
			objects.requireNoLegacyBackup(this.names, location());
			this.phantoms = objects.phantoms(this.names);
			List<LtxListing> levels = new ArrayList<>();
			for (int level = 0; level < ReplicaClient.LEVELS; level++) {
				levels.add(objects.list(this.names, level));
			}
			return levels;
		});
	}

	/**
	 * What the last listing left out: objects that are named and whose content is
	 * missing.
	 * @return the findings, for an operator
	 */
	List<ReplicaFinding> findings() {
		Set<String> missing = this.phantoms;
		if (missing.isEmpty()) {
			return List.of();
		}
		return List.of(new ReplicaFinding(ReplicaFinding.Severity.WARNING, "phantoms", location() + " names "
				+ ((missing.size() == 1) ? "an object whose content is" : missing.size() + " objects whose content is")
				+ " missing, such as '" + ForeignText.shown(missing.iterator().next())
				+ "': it was lost in the NATS server. Restores do"
				+ " without; what only it held is sent again from the database. Look at the server's disks and log"));
	}

	/**
	 * Objects without content that are of no use any more: as files of their level that
	 * end no sooner are deleted, because others hold what they held.
	 * @param files the files that are being deleted
	 * @return the objects' names
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
