package dev.litestream.nats;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.replica.LegacyBackup;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaUnavailableException;
import io.nats.client.Message;

/**
 * Lists all objects of a database in one pass over the bucket's metadata, since names are
 * opaque to the server. Complete, or an exception:
 * <ol>
 * <li>The leader lists the subjects that hold metadata.</li>
 * <li>A consumer delivers the last message of each; all of its messages must arrive, and
 * the server must say that none is left.</li>
 * <li>A subject of step 1 without a message in step 2 was deleted in between, or missed
 * by a consumer on a follower that lags: the leader decides.</li>
 * </ol>
 * Safe for use by several threads.
 */
final class ObjectList {

	private final JetStreamApi api;

	private final Bucket bucket;

	private final LeaderReads leader;

	private final ObjectNames names;

	ObjectList(JetStreamApi api, Bucket bucket, LeaderReads leader, ObjectNames names) {
		this.api = api;
		this.bucket = bucket;
		this.leader = leader;
		this.names = names;
	}

	/**
	 * Lists all levels.
	 * @return ten listings, by level
	 * @throws IOException if the listing could not be proved complete
	 */
	List<LtxListing> list() throws IOException {
		Set<String> subjects = this.leader.subjects(this.bucket.allMeta()).keySet();
		Map<String, LtxFileInfo> files = new HashMap<>();
		LegacyBackup legacy = new LegacyBackup(this.api.options().location());
		Set<String> missing = new HashSet<>(subjects);
		try (PullConsumer consumer = new PullConsumer(this.api, this.bucket, this.bucket.allMeta(),
				PullConsumer.LAST_PER_SUBJECT, false)) {
			read(consumer, files, missing, legacy);
		}
		for (String subject : missing) {
			LeaderReads.Stored stored = this.leader.metaAnswer(this.leader.requestMeta(subject));
			if (stored != null) {
				add(files, subject, stored.meta(), stored.time(), legacy);
			}
		}
		legacy.requireOlderThan(
				files.values().stream().map(LtxFileInfo::createdAt).max(Comparator.naturalOrder()).orElse(null));
		return levels(files);
	}

	private void read(PullConsumer consumer, Map<String, LtxFileInfo> files, Set<String> missing, LegacyBackup legacy)
			throws IOException {
		long deadline = System.nanoTime() + this.api.options().requestTimeout().toNanos();
		while (consumer.pending() > 0) {
			Message message = consumer.next();
			if (message == null) {
				// fewer than announced: others delete meanwhile, which the server
				// confirms
				if (consumer.isExhausted()) {
					return;
				}
				if (System.nanoTime() - deadline > 0) {
					throw new ReplicaUnavailableException(
							"The listing of " + this.api.options().location() + " stayed incomplete: "
									+ consumer.received() + " entries came, " + consumer.pending() + " are missing");
				}
				continue;
			}
			deadline = System.nanoTime() + this.api.options().requestTimeout().toNanos();
			missing.remove(message.getSubject());
			add(files, message.getSubject(), ObjectMeta.parse(message.getData()),
					message.metaData().timestamp().toInstant(), legacy);
		}
	}

	private void add(Map<String, LtxFileInfo> files, String subject, ObjectMeta meta, Instant stored,
			LegacyBackup legacy) throws IOException {
		int level = this.names.level(meta.name());
		if (level < 0) {
			if (!meta.deleted() && this.names.isLegacy(meta.name())) {
				legacy.add(meta.name(), stored);
			}
			return;
		}
		if (meta.deleted()) {
			files.remove(subject);
			return;
		}
		LtxFileName name = this.names.fileName(meta.name());
		if (name == null) {
			throw new IOException("'" + meta.name() + "' at " + this.api.options().location()
					+ " is not the name of an LTX file: remove the object, or give the database a replica.path");
		}
		files.put(subject, new LtxFileInfo(level, name.minTxid(), name.maxTxid(), meta.size(), meta.createdAt(stored)));
	}

	private static List<LtxListing> levels(Map<String, LtxFileInfo> files) {
		List<List<LtxFileInfo>> levels = new ArrayList<>();
		for (int level = 0; level < ReplicaClient.LEVELS; level++) {
			levels.add(new ArrayList<>());
		}
		files.values().forEach((file) -> levels.get(file.level()).add(file));
		return levels.stream().map(LtxListing::new).toList();
	}

}
