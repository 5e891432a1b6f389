package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.litestream.ReplicaFinding;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.replica.LegacyBackup;
import dev.litestream.replica.LtxListing;
import dev.litestream.replica.ReplicaClient;
import dev.litestream.replica.ReplicaRefusedException;
import org.jspecify.annotations.Nullable;

/**
 * All objects of a bucket, of every database in it, as few bytes each. Objects that are
 * not LTX files, and tombstones, are remembered by a hash of their names: a listing does
 * not show them, but the stream counts their messages. An object without all its chunks
 * is no file: it is kept apart and not listed. Not thread-safe.
 */
final class IndexedObjects {

	private static final int FILE_NAME = LtxFileName.of(Txid.ZERO, Txid.ZERO).length();

	/** Whoever finds many of a kind has one mistake to mend. */
	private static final int MOST_FINDINGS = 3;

	private static final long FNV_OFFSET = 0xcbf29ce484222325L;

	private static final long FNV_PRIME = 0x100000001b3L;

	private final String bucket;

	private final Map<String, LevelFiles[]> databases = new HashMap<>();

	private final Set<Long> others = new HashSet<>();

	/** Names at the place of LTX files that are none. */
	private final Set<String> misplaced = new TreeSet<>();

	private final Set<String> phantoms = new TreeSet<>();

	/** Names on whose subjects no metadata lies, and what to do about it. */
	private final Map<String, String> faults = new TreeMap<>();

	/** Files of Litestream 0.3, and when they were stored. */
	private final Map<String, Instant> legacy = new TreeMap<>();

	/** Begins without any object. */
	IndexedObjects(String bucket) {
		this.bucket = bucket;
	}

	/**
	 * The findings about what lies in a database's place and is no part of its backup.
	 */
	List<ReplicaFinding> findings(ObjectNames names) {
		return strange(names).stream().limit(MOST_FINDINGS).map((strange) -> strange.finding(this.bucket)).toList();
	}

	/**
	 * Takes in the newest metadata of a name. {@code intact} if the object has all its
	 * chunks. Returns whether it replaces other metadata.
	 */
	boolean put(ObjectMeta meta, Instant stored, boolean intact) {
		boolean replaced = remove(meta.name());
		Place place = Place.of(meta.name());
		if (meta.fault() != null) {
			this.faults.put(meta.name(), meta.fault());
		}
		else if (meta.deleted()) {
			this.others.add(hash(meta.name()));
		}
		else if (place == null && LegacyBackup.isNameOf(withoutPath(meta.name()))) {
			this.legacy.put(meta.name(), stored);
		}
		else if (!intact) {
			this.phantoms.add(meta.name());
		}
		else if (place != null) {
			level(place).put(place.file.minTxid(), place.file.maxTxid(), meta.size(), meta.createdAt(stored));
		}
		else if (meta.name().startsWith("ltx/") || meta.name().contains("/ltx/")) {
			this.misplaced.add(meta.name());
		}
		else {
			this.others.add(hash(meta.name()));
		}
		return replaced;
	}

	/** Forgets a name; returns whether it was known. */
	boolean remove(String name) {
		Place place = Place.of(name);
		if (place != null && level(place).remove(place.file.minTxid(), place.file.maxTxid())) {
			return true;
		}
		return this.others.remove(hash(name)) || this.phantoms.remove(name) || this.misplaced.remove(name)
				|| this.legacy.remove(name) != null || this.faults.remove(name) != null;
	}

	private static String withoutPath(String name) {
		int directory = ("/" + name).lastIndexOf("/" + LegacyBackup.DIRECTORY + "/");
		return (directory < 0) ? name : name.substring(directory);
	}

	private LevelFiles level(Place place) {
		return levels(place.prefix)[place.level];
	}

	private LevelFiles[] levels(String prefix) {
		return this.databases.computeIfAbsent(prefix, (added) -> {
			LevelFiles[] levels = new LevelFiles[ReplicaClient.LEVELS];
			for (int level = 0; level < levels.length; level++) {
				levels[level] = new LevelFiles();
			}
			return levels;
		});
	}

	/** Lists a level of a database, or throws if something else lies among its files. */
	LtxListing list(ObjectNames names, int level) throws IOException {
		for (StrangeObject strange : strange(names)) {
			if (strange.spoilsListings()) {
				throw new ReplicaRefusedException(strange.message(this.bucket));
			}
		}
		return new LtxListing(levels(names.prefix())[level].files(level));
	}

	/**
	 * Refuses a database's place if its newest files are those of Litestream 0.3.
	 */
	void requireNoLegacyBackup(ObjectNames names, String location) throws ReplicaRefusedException {
		LegacyBackup backup = new LegacyBackup(location);
		this.legacy.forEach((name, stored) -> {
			if (names.isLegacy(name)) {
				backup.add(name, stored);
			}
		});
		if (backup.isPresent()) {
			Instant newest = null;
			for (LevelFiles level : levels(names.prefix())) {
				Instant created = level.newest();
				newest = (newest == null || (created != null && created.isAfter(newest))) ? created : newest;
			}
			backup.requireOlderThan(newest);
		}
	}

	/** What lies in a database's place, those first that spoil its listings. */
	private List<StrangeObject> strange(ObjectNames names) {
		List<StrangeObject> among = new ArrayList<>();
		List<StrangeObject> beside = new ArrayList<>();
		this.faults.forEach((name, fault) -> {
			if (names.level(name) >= 0) {
				among.add(StrangeObject.unreadable(name, fault));
			}
		});
		for (String name : this.misplaced) {
			if (names.level(name) >= 0) {
				among.add(StrangeObject.among(name));
			}
			else if (names.isBesideLevels(name)) {
				beside.add(StrangeObject.beside(name));
			}
		}
		for (String prefix : this.databases.keySet()) {
			if (!prefix.equals(names.prefix()) && names.level(prefix) >= 0 && count(prefix) > 0) {
				among.add(StrangeObject.among(prefix));
			}
		}
		among.addAll(beside);
		return among;
	}

	private int count(String prefix) {
		int count = 0;
		for (LevelFiles level : levels(prefix)) {
			count += level.count();
		}
		return count;
	}

	/**
	 * How many names are remembered, of whatever kind.
	 */
	int count() {
		int count = this.others.size() + this.misplaced.size() + this.phantoms.size() + this.legacy.size()
				+ this.faults.size();
		for (String prefix : this.databases.keySet()) {
			count += count(prefix);
		}
		return count;
	}

	int count(ObjectNames names, int level) {
		return levels(names.prefix())[level].count();
	}

	long bytes(ObjectNames names, int level) {
		return levels(names.prefix())[level].bytes();
	}

	/** The names of a database's objects whose chunks are missing. */
	Set<String> phantoms(ObjectNames names) {
		Set<String> found = new TreeSet<>();
		for (String name : this.phantoms) {
			if (names.level(name) >= 0) {
				found.add(name);
			}
		}
		return found;
	}

	private static Long hash(String name) {
		long hash = FNV_OFFSET;
		for (int i = 0; i < name.length(); i++) {
			hash = (hash ^ name.charAt(i)) * FNV_PRIME;
		}
		return hash;
	}

	/**
	 * Where an LTX file belongs.
	 */
	private record Place(String prefix, int level, LtxFileName file) {

		static @Nullable Place of(String name) {
			int slash = name.length() - FILE_NAME - 1;
			// <prefix>ltx/<level>/<file>
			int prefix = slash - "ltx/0".length();
			if (prefix < 0 || name.charAt(slash) != '/' || !name.startsWith("ltx/", prefix)
					|| (prefix > 0 && name.charAt(prefix - 1) != '/')) {
				return null;
			}
			int level = name.charAt(slash - 1) - '0';
			LtxFileName file = LtxFileName.parse(name.substring(slash + 1));
			if (level < 0 || level >= ReplicaClient.LEVELS || file == null) {
				return null;
			}
			return new Place(name.substring(0, prefix + "ltx/".length()), level, file);
		}

	}

}
