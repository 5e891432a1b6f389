package dev.litestream.nats;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

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
			List<LtxListing> levels = new ArrayList<>();
			for (int level = 0; level < ReplicaClient.LEVELS; level++) {
				levels.add(objects.list(this.names, level));
			}
			return levels;
		});
	}

	private String location() {
		return this.scan.api().options().location();
	}

}
