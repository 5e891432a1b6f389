package dev.litestream.replication;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import dev.litestream.ltx.CorruptLtxException;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica's newest file beside the spool: compared with the spool's file of its name,
 * or brought into the spool, since it may prove where the WAL continues. A file that was
 * brought says nothing of what has been replicated from here; so until something is, it
 * is known which one that is, and a database that was refused stays so after a restart.
 * Not safe for several threads.
 */
final class NewestFile {

	private static final Logger logger = LoggerFactory.getLogger(NewestFile.class);

	private final Spool spool;

	private final Identity identity;

	private final ReplicaClient client;

	NewestFile(Spool spool, Identity identity, ReplicaClient client) {
		this.spool = spool;
		this.identity = identity;
		this.client = client;
	}

	/**
	 * Removes a file from the spool that was brought, and nothing followed it.
	 * @throws IOException if it cannot be removed
	 */
	void forgetFetched() throws IOException {
		String fetched = this.identity.fetched();
		LtxFileName name = (fetched != null) ? LtxFileName.parse(fetched) : null;
		if (name != null) {
			Files.deleteIfExists(this.spool.path(name));
		}
	}

	/**
	 * Compares the replica's newest file with the spool's file of that name, if it is
	 * still there, by size and by the checksum at the end. Two writers' files of one name
	 * may well be equally long. If that checksum is gone with the damage, the size alone
	 * decides.
	 * @param listings all levels of the replica
	 * @return whether they are the same, or {@code null} if the spool has none
	 * @throws IOException if one of them cannot be read
	 */
	@Nullable Boolean agrees(List<LtxListing> listings) throws IOException {
		LtxFileInfo newest = listings.get(0).newest();
		if (newest == null) {
			return null;
		}
		Path path = this.spool.path(new LtxFileName(newest.minTxid(), newest.maxTxid()));
		if (!Files.exists(path)) {
			return null;
		}
		long trailer = newest.size() - LtxFormat.TRAILER_SIZE;
		if (Files.size(path) != newest.size() || trailer < 0) {
			return false;
		}
		try (InputStream remote = this.client.read(newest, trailer, LtxFormat.TRAILER_SIZE);
				InputStream local = Files.newInputStream(path)) {
			local.skipNBytes(trailer);
			return Arrays.equals(remote.readAllBytes(), local.readAllBytes());
		}
		catch (CorruptLtxException ex) {
			// Rotten, and as long as ours of that name: no sign of another writer. What
			// it held is sent again once a verification has found it.
			logger.warn("The replica's newest file cannot be compared with the spool's: {}", ex.getMessage());
			return true;
		}
	}

	/**
	 * Brings the replica's newest file into the spool, if that lacks it and it is sound.
	 * @param listings all levels of the replica
	 * @throws IOException if it cannot be read, or the spool cannot be written
	 */
	void fetch(List<LtxListing> listings) throws IOException {
		LtxFileInfo newest = listings.get(0).newest();
		if (newest == null || newest.maxTxid().isBefore(Recovery.maxTxid(listings))) {
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
			this.spool.store(draft.publish(newest.createdAt(), CommitSignals.now()));
		}
		catch (CorruptLtxException ex) {
			// as if it had been brought and found out afterwards
			logger.warn("The replica's newest file proves nothing: {}", ex.getMessage());
		}
		finally {
			draft.discard();
		}
	}

}
