package dev.litestream.nats.bucket;

import java.util.regex.Pattern;

import dev.litestream.ReplicaFinding;
import dev.litestream.ReplicaFinding.Severity;
import dev.litestream.replica.ForeignText;
import org.jspecify.annotations.Nullable;

/**
 * An object in the place of a database's backup that is no part of it. It may be a file
 * of the backup under a wrong name, so that a listing without it might come short: what
 * lies among the files of a level spoils the listings.
 *
 * @param kind where it lies
 * @param name its name
 * @param fault what is wrong with its metadata, as a sentence with the cure, or
 * {@code null}
 */
record StrangeObject(Kind kind, String name, @Nullable String fault) {

	/** What a shell takes as it is written. */
	private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/][A-Za-z0-9._/-]{0,199}");

	static StrangeObject unreadable(String name, String fault) {
		return new StrangeObject(Kind.UNREADABLE, name, fault);
	}

	static StrangeObject among(String name) {
		return new StrangeObject(Kind.AMONG_FILES, name, null);
	}

	static StrangeObject beside(String name) {
		return new StrangeObject(Kind.BESIDE_LEVELS, name, null);
	}

	boolean spoilsListings() {
		return this.kind != Kind.BESIDE_LEVELS;
	}

	/** What an operator should know. */
	String message(String bucket) {
		if (this.fault != null) {
			return this.fault;
		}
		String cure = PLAIN.matcher(this.name).matches()
				? "delete it with `nats object del " + bucket + " " + this.name + "`"
				: "delete it (`nats object ls " + bucket + "` lists it)";
		String shown = "'" + ForeignText.shown(this.name) + "' in bucket " + bucket;
		if (this.kind == Kind.BESIDE_LEVELS) {
			return shown + " lies beside the levels 0 to 9 of this database's backup and is no part of it. Restores do"
					+ " without. If it is not needed, " + cure;
		}
		return shown + " is not the name of an LTX file. Nothing is restored, compacted or deleted while it lies among"
				+ " them, because it may be a file of the backup under a wrong name. If it is not, " + cure
				+ ", or give the database a place of its own with litestream.dbs[].replica.path";
	}

	ReplicaFinding finding(String bucket) {
		return new ReplicaFinding(spoilsListings() ? Severity.ERROR : Severity.WARNING,
				spoilsListings() ? "strange-object" : "strange-object-beside", message(bucket));
	}

	/** Where an object lies. */
	enum Kind {

		/** Named as a file, with metadata that cannot be read. */
		UNREADABLE,

		/** Among the files of a level. */
		AMONG_FILES,

		/** Beside the levels. */
		BESIDE_LEVELS

	}

}
