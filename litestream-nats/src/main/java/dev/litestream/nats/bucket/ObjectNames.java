package dev.litestream.nats.bucket;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileName;
import dev.litestream.replica.LegacyBackup;
import dev.litestream.replica.ReplicaClient;
import org.jspecify.annotations.Nullable;

/**
 * Names of the objects of one database: {@code [<path>/]ltx/<level>/<min>-<max>.ltx},
 * with the level in decimal.
 */
final class ObjectNames {

	private final String root;

	private final String prefix;

	ObjectNames(@Nullable String path) {
		this.root = (path != null) ? path + "/" : "";
		this.prefix = this.root + "ltx/";
	}

	/** What all names begin with: {@code [<path>/]ltx/}. */
	String prefix() {
		return this.prefix;
	}

	String of(int level, Txid minTxid, Txid maxTxid) {
		return this.prefix + level + "/" + LtxFileName.of(minTxid, maxTxid);
	}

	/**
	 * The level of an object of this database, or -1 if it is not this database's.
	 */
	int level(String object) {
		int at = this.prefix.length();
		if (!object.startsWith(this.prefix) || object.length() < at + 2 || object.charAt(at + 1) != '/') {
			return -1;
		}
		int level = object.charAt(at) - '0';
		return (level >= 0 && level < ReplicaClient.LEVELS) ? level : -1;
	}

	/**
	 * Whether an object lies below the directory of the levels, but in none of them and
	 * not in that of another database.
	 */
	boolean isBesideLevels(String object) {
		return object.startsWith(this.prefix) && level(object) < 0 && !object.startsWith("ltx/", this.prefix.length())
				&& object.indexOf("/ltx/", this.prefix.length()) < 0;
	}

	/** Whether an object belongs to a backup of Litestream 0.3 in this place. */
	boolean isLegacy(String object) {
		return object.startsWith(this.root) && LegacyBackup.isNameOf(object.substring(this.root.length()));
	}

}
