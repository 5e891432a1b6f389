package dev.litestream.continuity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Provenance;
import dev.litestream.spool.Spool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica's newest file: compared with the spool's file of its name, or fetched into
 * the spool, since it may prove where the WAL continues. A fetched file does not show
 * what has been replicated from here. Until something is replicated, it is remembered as
 * fetched, and a database that was refused stays refused after a restart. Not
 * thread-safe.
 */
final class NewestFile {

	private static final Logger logger = LoggerFactory.getLogger(NewestFile.class);

	private final Spool spool;

	private final Provenance identity;

	private final ReplicaClient client;

	NewestFile(Spool spool, Provenance identity, ReplicaClient client) {
		this.spool = spool;
		this.identity = identity;
		this.client = client;
	}

	/** Removes a fetched file from the spool that nothing has followed. */
	void forgetFetched() throws IOException {
		String fetched = this.identity.fetched();
		LtxFileName name = (fetched != null) ? LtxFileName.parse(fetched) : null;
		if (name != null) {
			Files.deleteIfExists(this.spool.path(name));
		}
	}

	/**
	 * Compares the replica's newest file with the spool's file of its position, if that
	 * is still there. {@code acknowledged} is the newest position that the replica has
	 * acknowledged to this process.
	 */
	Agreement agreement(List<LtxListing> listings, Txid acknowledged) throws IOException {
		LtxFileInfo newest = newest(listings);
		if (newest == null) {
			return Agreement.UNKNOWN;
		}
		LtxFileName name = new LtxFileName(newest.minTxid(), newest.maxTxid());
		Path path = this.spool.path(name);
		if (Files.exists(path)) {
			try {
				if (isSame(path, newest)) {
					return Agreement.SAME;
				}
			}
			catch (CorruptLtxException ex) {
				// It has the size of our file of that name: no sign of another writer.
				return Agreement.DAMAGED;
			}
			LtxHeader ours = verified(name);
			if (ours != null) {
				return differing(ours, newest, acknowledged);
			}
			// As if it had never existed.
			Files.delete(path);
		}
		for (LtxFileName local : this.spool.list()) {
			LtxHeader ours = local.maxTxid().equals(newest.maxTxid()) ? verified(local) : null;
			if (ours != null) {
				return isOfOneImage(ours, header(newest)) ? Agreement.SAME : differing(ours, newest, acknowledged);
			}
		}
		return Agreement.UNKNOWN;
	}

	/** The newest raw file, or the snapshot behind it if the spool has that too. */
	private @Nullable LtxFileInfo newest(List<LtxListing> listings) {
		LtxFileInfo raw = listings.get(0).newest();
		LtxFileInfo snapshot = listings.get(ReplicaClient.SNAPSHOT_LEVEL).newest();
		boolean isBehind = snapshot != null && (raw == null || snapshot.maxTxid().isAfter(raw.maxTxid()));
		return (isBehind && Files.exists(this.spool.path(new LtxFileName(snapshot.minTxid(), snapshot.maxTxid()))))
				? snapshot : raw;
	}

	/**
	 * Compares size and checksum at the end: two writers' files of one name may have the
	 * same size.
	 */
	private boolean isSame(Path path, LtxFileInfo newest) throws IOException {
		long trailer = newest.size() - LtxFormat.TRAILER_SIZE;
		if (Files.size(path) != newest.size() || trailer < 0) {
			return false;
		}
		try (InputStream remote = this.client.read(newest, trailer, LtxFormat.TRAILER_SIZE);
				InputStream local = Files.newInputStream(path)) {
			local.skipNBytes(trailer);
			return Arrays.equals(remote.readNBytes(LtxFormat.TRAILER_SIZE), local.readAllBytes());
		}
	}

	/** The header of a file of the spool, or {@code null} if the file is damaged. */
	private @Nullable LtxHeader verified(LtxFileName name) throws IOException {
		try {
			return LtxReader.verify(this.spool.read(name), name.toString());
		}
		catch (CorruptLtxException ex) {
			return null;
		}
	}

	/**
	 * Another writer's file is whole. A file that came from here and is not whole is
	 * damaged; it came from here if it was acknowledged as ours or its header says so.
	 */
	private Agreement differing(LtxHeader ours, LtxFileInfo newest, Txid acknowledged) throws IOException {
		try {
			LtxReader.verify(this.client.read(newest), newest.fileName());
			return Agreement.ANOTHER;
		}
		catch (CorruptLtxException ex) {
			boolean isOurs = !acknowledged.isBefore(newest.maxTxid()) || isOfOneImage(ours, header(newest));
			return isOurs ? Agreement.DAMAGED : Agreement.UNREADABLE;
		}
	}

	private @Nullable LtxHeader header(LtxFileInfo file) throws IOException {
		try {
			return LtxSource.of(this.client, file).header();
		}
		catch (CorruptLtxException ex) {
			return null;
		}
	}

	/**
	 * Whether two files end at the same moment of the same WAL, whatever range they
	 * cover.
	 */
	private static boolean isOfOneImage(LtxHeader ours, @Nullable LtxHeader theirs) {
		return theirs != null && ours.maxTxid().equals(theirs.maxTxid()) && ours.timestamp() == theirs.timestamp()
				&& ours.pageSize() == theirs.pageSize() && ours.commit() == theirs.commit() && ours.walSize() > 0
				&& ours.walOffset() == theirs.walOffset() && ours.walSize() == theirs.walSize()
				&& ours.walSalt1() == theirs.walSalt1() && ours.walSalt2() == theirs.walSalt2();
	}

	/**
	 * Fetches the replica's newest file into the spool, if it is missing there and sound.
	 */
	void fetch(List<LtxListing> listings) throws IOException {
		LtxFileInfo newest = listings.get(0).newest();
		if (newest == null || newest.maxTxid().isBefore(LtxListing.maxTxid(listings))) {
			return;
		}
		for (LtxFileName local : this.spool.list()) {
			if (!local.maxTxid().isBefore(newest.maxTxid())) {
				return;
			}
		}
		this.identity.rememberFetched(new LtxFileName(newest.minTxid(), newest.maxTxid()).toString());
		Spool.Draft draft = this.spool.draft(newest.minTxid(), newest.maxTxid());
		try (InputStream in = this.client.read(newest)) {
			in.transferTo(draft);
			this.spool.store(draft.publish(newest.createdAt(), System.nanoTime(), null));
		}
		catch (CorruptLtxException ex) {
			// as if it had been fetched and found damaged afterwards
			logger.warn("The replica's newest file proves nothing: {}", ex.getMessage());
		}
		finally {
			draft.discard();
		}
	}

}
