package dev.litestream.continuity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.FilterReplicaClient;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import dev.litestream.spool.SpoolFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the spool that the replica lacks, when the database file is gone: they
 * hold the commits that were made while the replica could not be reached. A restore goes
 * through those that continue the replica; the others are put aside, since they may be
 * the only copy of what they hold.
 *
 * @param continuing the files that continue the replica, as if they were there
 * @param others the names of the others
 * @param spool where the files lie
 */
public record UnsentFiles(List<LtxFileInfo> continuing, List<LtxFileName> others, Spool spool) {

	private static final Logger logger = LoggerFactory.getLogger(UnsentFiles.class);

	/**
	 * Looks for files that the replica lacks.
	 * @param spool where they lie
	 * @param provenance the notes beside it
	 * @param client the replica, opened
	 * @return the files
	 * @throws IOException if the spool or the replica cannot be read
	 */
	public static UnsentFiles find(Spool spool, Provenance provenance, ReplicaClient client) throws IOException {
		List<LtxFileName> names = spool.list();
		if (names.isEmpty()) {
			return new UnsentFiles(List.of(), List.of(), spool);
		}
		List<LtxListing> listings = client.listAll();
		Txid end = LtxListing.maxTxid(listings);
		names = spool.list().stream().filter((name) -> name.maxTxid().isAfter(LtxListing.maxTxid(listings))).toList();
		boolean ours = end.isZero()
				|| new NewestFile(spool, provenance, client).agreement(listings, Txid.ZERO) == Agreement.SAME;
		List<LtxFileInfo> continuing = ours ? continuing(spool, names, end) : List.of();
		if (end.isZero() && continuing.isEmpty()) {
			// There is nothing to restore, and nothing is cleared.
			return new UnsentFiles(List.of(), List.of(), spool);
		}
		Set<LtxFileName> others = new HashSet<>(names);
		continuing.forEach((file) -> others.remove(new LtxFileName(file.minTxid(), file.maxTxid())));
		return new UnsentFiles(continuing, List.copyOf(others), spool);
	}

	/**
	 * A file that does not follow is of use if a snapshot of its position is there too:
	 * the snapshot stands for all before it.
	 */
	private static List<LtxFileInfo> continuing(Spool spool, List<LtxFileName> names, Txid from) throws IOException {
		Set<Txid> snapshots = new HashSet<>();
		for (LtxFileName name : names) {
			if (isSnapshot(name)) {
				snapshots.add(name.maxTxid());
			}
		}
		List<LtxFileInfo> files = new ArrayList<>();
		Txid end = from;
		try {
			for (LtxFileName name : names) {
				boolean follows = isSnapshot(name) ? name.maxTxid().equals(end) : name.minTxid().equals(end.next());
				if (follows || snapshots.contains(name.maxTxid())) {
					files.add(new LtxFileInfo(isSnapshot(name) ? ReplicaClient.SNAPSHOT_LEVEL : 0, name.minTxid(),
							name.maxTxid(), Files.size(spool.path(name)),
							LtxReader.verify(spool.read(name), name.toString()).createdAt()));
					end = name.maxTxid();
				}
			}
		}
		catch (CorruptLtxException ex) {
			logger.warn("A file in the local spool is damaged, and those behind it are of no use: {}", ex.getMessage());
		}
		return files;
	}

	private static boolean isSnapshot(LtxFileName name) {
		return SpoolFile.isSnapshot(name.minTxid(), name.maxTxid());
	}

	/**
	 * Whether there are files that continue the replica.
	 * @return whether a restore goes further with them than without
	 */
	public boolean continueReplica() {
		return !this.continuing.isEmpty();
	}

	/**
	 * Puts the files aside that do not continue the replica.
	 * @param database the database's name
	 * @param location where the replica is
	 * @throws IOException if they cannot be moved
	 */
	public void putOthersAside(String database, String location) throws IOException {
		if (!this.others.isEmpty()) {
			Path aside = this.spool.putAside(this.others);
			logger.warn(
					"{}: {} files in the local spool hold commits that {} does not have, and do not continue what it"
							+ " has. They cannot be restored; they are put aside in {}",
					database, this.others.size(), location, aside);
		}
	}

	/**
	 * The replica as if it had the files that continue it.
	 * @param client the replica
	 * @return a client to restore from; closing it closes the other one
	 */
	public ReplicaClient after(ReplicaClient client) {
		return new Continued(client);
	}

	private final class Continued extends FilterReplicaClient {

		Continued(ReplicaClient client) {
			super(client);
		}

		@Override
		public LtxListing list(int level) throws IOException {
			return continued(level, super.list(level));
		}

		@Override
		public List<LtxListing> listAll() throws IOException {
			List<LtxListing> listings = new ArrayList<>(super.listAll());
			for (int level = 0; level < listings.size(); level++) {
				listings.set(level, continued(level, listings.get(level)));
			}
			return listings;
		}

		private LtxListing continued(int level, LtxListing listing) {
			List<LtxFileInfo> files = new ArrayList<>(listing.files());
			UnsentFiles.this.continuing.stream().filter((file) -> file.level() == level).forEach(files::add);
			return new LtxListing(files);
		}

		@Override
		public boolean exists(LtxFileInfo file) throws IOException {
			return UnsentFiles.this.continuing.contains(file) || super.exists(file);
		}

		@Override
		public InputStream read(LtxFileInfo file) throws IOException {
			return UnsentFiles.this.continuing.contains(file) ? open(file) : super.read(file);
		}

		@Override
		public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
			if (!UnsentFiles.this.continuing.contains(file)) {
				return super.read(file, offset, length);
			}
			try (InputStream in = open(file)) {
				in.skipNBytes(offset);
				return new ByteArrayInputStream(in.readNBytes(Math.toIntExact(length)));
			}
		}

		private InputStream open(LtxFileInfo file) throws IOException {
			return UnsentFiles.this.spool.read(new LtxFileName(file.minTxid(), file.maxTxid()));
		}

	}

}
