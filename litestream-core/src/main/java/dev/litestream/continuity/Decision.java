package dev.litestream.continuity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.MismatchAction;
import dev.litestream.ResyncReason;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.SpoolFile;
import dev.litestream.wal.WalPosition;
import org.jspecify.annotations.Nullable;

/**
 * Where the history of a database goes on: a pure function of the {@link Evidence}.
 * <ol>
 * <li>The next file never gets a TXID that the replica has (law 9).</li>
 * <li>An increment is only written if continuity is proved (law 5).</li>
 * <li>Nothing is written at all if the replica's newest state cannot have come from
 * here.</li>
 * </ol>
 */
public sealed interface Decision {

	/**
	 * Decides.
	 * @param evidence what is known
	 * @param onMismatch what to do if the replica's newest state is not from here
	 * @return where the history goes on
	 */
	static Decision of(Evidence evidence, MismatchAction onMismatch) {
		return new Rules(evidence, onMismatch == MismatchAction.RESYNC).decide();
	}

	/**
	 * Syncs go on behind the last file that was shipped.
	 *
	 * @param from where in the WAL they go on, or {@code null} if they are under way
	 * @param pending the files to be sent first, oldest first
	 */
	record GoOn(@Nullable Place from, List<SpoolFile> pending) implements Decision {

	}

	/**
	 * The difference to a known state is shipped.
	 *
	 * @param base the position whose state the database is compared with
	 * @param reason why
	 * @param snapshot whether it stands for all of the history
	 * @param clear whether the spool's files are of no use any more
	 * @param pending the files to be sent first, oldest first
	 * @param source where the replica's content came from
	 * @param remembered what is remembered of the database file, by which
	 * {@link SameDatabase} judges it; {@code null} if the WAL proves that it is the same
	 * @param overruled why it would have been refused, if the operator had not asked for
	 * it
	 */
	record Resync(Txid base, ResyncReason reason, boolean snapshot, boolean clear, List<SpoolFile> pending,
			Source source, @Nullable Remembered remembered, List<Fault> overruled) implements Decision {

	}

	/**
	 * Nothing is shipped: the replica's newest state did not come from here.
	 *
	 * @param fault why
	 */
	record Refuse(Fault fault) implements Decision {

	}

	/**
	 * A place in the WAL behind which nothing is shipped yet.
	 *
	 * @param txid the last position of the history
	 * @param position where its file ended in the WAL
	 * @param commit size of the database there, in pages
	 * @param time the timestamp of its file
	 */
	record Place(Txid txid, WalPosition position, long commit, Instant time) {

	}

	/** Where the replica's content came from. */
	enum Source {

		/** Known to be from this database. */
		HERE,

		/** Not known. */
		UNKNOWN,

		/** From another writer; the files kept here belong to another history. */
		ELSEWHERE

	}

	/** Why the replica's newest state cannot have come from here. */
	enum Fault {

		/** It holds another file under a TXID of ours, or is another replica. */
		ANOTHER_HISTORY,

		/** Its newest file is damaged, and may be another writer's. */
		UNREADABLE,

		/** It has later positions than any known here. */
		AHEAD,

		/**
		 * The WAL lacks frames that it holds, and the database is not the file that was
		 * replicated.
		 */
		OLDER_COPY

	}

	/** The rules, in their order: the first one that applies decides. */
	final class Rules {

		private final Evidence.Replica replica;

		private final Evidence.Kept spool;

		private final Evidence.Wal wal;

		private final Evidence.Memory memory;

		private final Evidence evidence;

		private final boolean overrule;

		private final List<Fault> overruled = new ArrayList<>();

		/** Whether the WAL is older than what was replicated from it. */
		private boolean putBack;

		private Rules(Evidence evidence, boolean overrule) {
			this.evidence = evidence;
			this.replica = evidence.replica();
			this.spool = evidence.spool();
			this.wal = evidence.wal();
			this.memory = evidence.memory();
			this.overrule = overrule;
			this.putBack = this.memory.putBack();
		}

		private Decision decide() {
			boolean parted = this.replica.another() || this.replica.agreement().isDiverged();
			if (parted) {
				boolean explained = !this.replica.another() && (this.wal.continuesReplica() || mayHaveLost());
				boolean unreadable = this.replica.agreement() == Agreement.UNREADABLE;
				if (!explained && refuses(unreadable ? Fault.UNREADABLE : Fault.ANOTHER_HISTORY)) {
					return refusal();
				}
				return resync(this.replica.newest(), ResyncReason.DIVERGED, Source.ELSEWHERE);
			}
			if (!isOverwritten() && this.wal.continuity().behind() && this.memory.sameBoot()) {
				this.putBack = true;
			}
			// Another writer went on: our history does not continue its history, not even
			// by a snapshot.
			if (isAhead() && refuses(Fault.AHEAD)) {
				return refusal();
			}
			List<SpoolFile> pending = this.spool.pending();
			LtxHeader local = this.spool.newest();
			if (!this.spool.isBridged() && !this.replica.restorable()) {
				return snapshot(ResyncReason.REPLICA_BEHIND);
			}
			if (local != null && local.pageSize() != this.wal.pageSize()) {
				return snapshot(ResyncReason.PAGE_SIZE_CHANGED);
			}
			if (pending == null) {
				// Files that the replica lacks are gone here too: its history goes on
				// with the difference from its end, unless that could not be restored.
				return new Resync(this.replica.newest(), lost(), this.spool.bridges(), true, List.of(), source(),
						judged(), this.overruled);
			}
			if (!this.spool.isBridged() && this.replica.agreement() == Agreement.DAMAGED) {
				// The pending files cannot be restored yet: they count once the snapshot
				// is there.
				return snapshot(ResyncReason.BACKUP_DAMAGED);
			}
			if (this.evidence.isUnderWay()) {
				return new GoOn(null, pending);
			}
			Place place = place();
			if (place != null) {
				return new GoOn(place, pending);
			}
			return difference(pending);
		}

		/** Nothing proves where the history goes on: the difference is shipped. */
		private Decision difference(List<SpoolFile> pending) {
			Txid offline = this.memory.offline();
			Txid remote = this.replica.newest();
			Source source = source();
			if (!this.spool.known().isZero() && remote.isAfter(this.spool.known()) && lacksFrames()
					&& judged() == Remembered.ANOTHER && refuses(Fault.OLDER_COPY)) {
				return refusal();
			}
			Txid base = this.evidence.end();
			ResyncReason reason = reason(base);
			// A later generation was written on top of whatever the file was.
			boolean proved = !this.memory.overwritten() && !this.putBack && this.wal.later() || hasLostItsTail();
			// Files written before the replica was listed do not follow its newest file.
			boolean clear = offline != null;
			return new Resync(clear ? remote : base, reason, false, clear, clear ? List.of() : pending,
					(reason == ResyncReason.RESTORED && source == Source.UNKNOWN) ? Source.HERE : source,
					proved ? null : judged(), this.overruled);
		}

		private ResyncReason reason(Txid base) {
			if (isOverwritten() || this.putBack) {
				return ResyncReason.DATABASE_REPLACED;
			}
			if (base.isZero()) {
				return lost();
			}
			if (isRefused()) {
				return ResyncReason.DATABASE_REPLACED;
			}
			if (!this.spool.any() && judged().isRestored() && this.spool.known().equals(base)) {
				return ResyncReason.RESTORED;
			}
			if (hasLostItsTail()) {
				return ResyncReason.FRAME_MISMATCH;
			}
			if (!this.wal.later() && judged() == Remembered.ANOTHER) {
				return ResyncReason.DATABASE_REPLACED;
			}
			if (!this.spool.any()) {
				return ResyncReason.LOCAL_STATE_LOST;
			}
			if (this.spool.known().isBefore(this.replica.newest())) {
				return ResyncReason.REPLICA_AHEAD;
			}
			ResyncReason reason = this.wal.continuity().reason();
			return (reason != null) ? reason : ResyncReason.LOCAL_STATE_LOST;
		}

		private ResyncReason lost() {
			if (!this.replica.newest().isZero()) {
				return ResyncReason.REPLICA_BEHIND;
			}
			return (this.spool.known().isZero() || this.memory.moved()) ? ResyncReason.FIRST_SYNC
					: ResyncReason.REPLICA_EMPTIED;
		}

		/** The place at which the WAL proves that syncs go on, or {@code null}. */
		private @Nullable Place place() {
			LtxHeader local = this.spool.newest();
			boolean atEnd = local != null && local.maxTxid().equals(this.evidence.end());
			return (atEnd && this.memory.offline() == null && !isOverwritten()) ? this.wal.continuity().place(local)
					: null;
		}

		/**
		 * Whether the replica has later positions than any known here, without a sign
		 * that they came from here.
		 */
		private boolean isAhead() {
			Txid known = this.evidence.known();
			return !known.isZero() && this.replica.newest().isAfter(known) && !this.evidence.isUnderWay()
					&& place() == null && source() != Source.HERE && !mayHaveLost();
		}

		private Source source() {
			if (this.overruled.contains(Fault.AHEAD)) {
				return Source.ELSEWHERE;
			}
			boolean same = this.replica.agreement() == Agreement.SAME && this.replica.rawIsNewest();
			boolean ends = this.spool.newestTxid().equals(this.replica.newest());
			return (same || ends && (this.spool.newestFollows() || hasLostItsTail())) ? Source.HERE : Source.UNKNOWN;
		}

		/**
		 * Whether the WAL is the one of the replica's newest file, by its random salts,
		 * but lacks frames of it: a power loss took the newest commits, and maybe files
		 * of the spool. Either the database is the file that was replicated before, or
		 * the spool beside it shows that the replica's newest file came from here.
		 */
		private boolean hasLostItsTail() {
			return !this.putBack && !isRefused() && lacksFrames()
					&& (judged().isSame() || this.replica.agreement() == Agreement.SAME);
		}

		private boolean lacksFrames() {
			return this.wal.continuity().reason() == ResyncReason.FRAME_MISMATCH;
		}

		/**
		 * Whether the replica's later positions may have come from here and been lost
		 * here in a power loss.
		 */
		private boolean mayHaveLost() {
			return judged() == Remembered.SAME_BEFORE_REBOOT;
		}

		/** Whether the WAL is unchanged, but the database file was written to. */
		private boolean isOverwritten() {
			return this.memory.overwritten() && this.wal.continuity().position() != null;
		}

		/** Whether no file was accepted since one was refused. */
		private boolean isRefused() {
			return this.memory.file() == Remembered.REFUSED;
		}

		private Remembered judged() {
			if (isOverwritten()) {
				return Remembered.OVERWRITTEN;
			}
			return this.putBack ? Remembered.PUT_BACK : this.memory.file();
		}

		private boolean refuses(Fault fault) {
			this.overruled.add(fault);
			return !this.overrule;
		}

		private Decision refusal() {
			return new Refuse(this.overruled.get(this.overruled.size() - 1));
		}

		private Decision snapshot(ResyncReason reason) {
			return new Resync(this.evidence.end(), reason, true, true, List.of(), source(), judged(), this.overruled);
		}

		private Decision resync(Txid base, ResyncReason reason, Source source) {
			return new Resync(base, reason, false, true, List.of(), source, judged(), this.overruled);
		}

	}

}
