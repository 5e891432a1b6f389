package dev.litestream.continuity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.ltx.LtxFormat;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.ltx.LtxReader;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.spool.Spool;
import org.jspecify.annotations.Nullable;

/**
 * An LTX file in the spool or in the replica. Its name is for messages;
 * {@code remoteBytes} is its size in bytes if it has to be read from the replica;
 * {@code content} opens it.
 */
record LtxSource(Txid min, Txid max, String name, long remoteBytes, Content content) {

	static LtxSource of(Spool spool, LtxFileName name) {
		return new LtxSource(name.minTxid(), name.maxTxid(), name.toString(), 0,
				() -> Files.newInputStream(spool.path(name)));
	}

	static LtxSource of(ReplicaClient client, LtxFileInfo file) {
		return new LtxSource(file.minTxid(), file.maxTxid(), file.fileName(), file.size(), () -> client.read(file));
	}

	/** All files of a replica: the newest first, level by level. */
	static List<LtxSource> newestFirst(List<LtxListing> listings, ReplicaClient client) {
		List<LtxSource> files = new ArrayList<>();
		for (LtxListing listing : listings) {
			for (int i = listing.files().size() - 1; i >= 0; i--) {
				files.add(of(client, listing.files().get(i)));
			}
		}
		return files;
	}

	LtxReader open() throws IOException {
		return new LtxReader(this.content.open(), this.name);
	}

	LtxHeader header() throws IOException {
		try (LtxReader ltx = open()) {
			return ltx.header();
		}
	}

	/**
	 * Whether the file holds every page of the database.
	 */
	boolean isWhole() throws IOException {
		try (LtxReader ltx = open()) {
			long lockPage = LtxFormat.lockPage(ltx.header().pageSize());
			byte[] page = new byte[ltx.header().pageSize()];
			long expected = 1;
			for (long pgno = ltx.nextPage(page); pgno != 0; pgno = ltx.nextPage(page)) {
				if (pgno != expected) {
					return false;
				}
				expected += (pgno + 1 == lockPage) ? 2 : 1;
			}
			return expected > ltx.header().commit();
		}
	}

	/**
	 * The files that lead from one position to another, each as far as possible, in
	 * order; {@code null} if there is a gap. Of equal candidates the first one is taken.
	 */
	static @Nullable List<LtxSource> path(List<LtxSource> candidates, Txid from, Txid to) {
		List<LtxSource> sorted = new ArrayList<>(candidates);
		sorted.removeIf((candidate) -> candidate.max.isAfter(to));
		sorted.sort(Comparator.comparing(LtxSource::min));
		List<LtxSource> path = new ArrayList<>();
		LtxSource best = null;
		Txid end = from;
		for (int next = 0; end.isBefore(to);) {
			for (; next < sorted.size() && !sorted.get(next).min.isAfter(end.next()); next++) {
				if (best == null || sorted.get(next).max.isAfter(best.max)) {
					best = sorted.get(next);
				}
			}
			if (best == null || !best.max.isAfter(end)) {
				return null;
			}
			path.add(best);
			end = best.max;
		}
		return path;
	}

	/** Opens a file. */
	@FunctionalInterface
	interface Content {

		InputStream open() throws IOException;

	}

}
