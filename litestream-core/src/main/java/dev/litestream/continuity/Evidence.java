package dev.litestream.continuity;

import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@link Decision} is based on, gathered by {@link Investigation}. It
 * holds values only: a test can decide every combination.
 *
 * @param replica the state of the replica
 * @param spool the files kept here
 * @param wal the evidence in the WAL
 * @param memory the notes beside the spool
 */
public record Evidence(Replica replica, Kept spool, Wal wal, Memory memory) {

	/**
	 * Whether syncs go on from a position that the replica has not passed: then the WAL
	 * does not have to prove anything.
	 */
	boolean isUnderWay() {
		Txid offline = this.memory.offline();
		return offline != null
				&& (!offline.isBefore(this.replica.newest()) || this.replica.agreement() == Agreement.SAME);
	}

	/** The newest position that is known here to belong to this database's history. */
	Txid known() {
		Txid offline = this.memory.offline();
		return (offline != null) ? offline : this.spool.known();
	}

	/**
	 * The newest position of replica and spool: the next file comes after it.
	 * @return the position, zero if there is none
	 */
	public Txid end() {
		return Txid.max(this.replica.newest(), this.spool.newestTxid());
	}

	/**
	 * The state of the replica.
	 *
	 * @param newest its newest position over all levels, zero if it is empty
	 * @param restorable whether files lead from the first position to the newest one
	 * @param rawIsNewest whether the newest raw file ends there
	 * @param agreement how its newest file compares with the spool
	 * @param another whether it is not the replica that the spool was last used with,
	 * unless its newest file shows the opposite
	 */
	public record Replica(Txid newest, boolean restorable, boolean rawIsNewest, Agreement agreement, boolean another) {

	}

	/**
	 * The files kept here.
	 *
	 * @param newest the header of the newest readable file, which may just have been
	 * fetched from the replica, or {@code null}
	 * @param newestFollows whether that file was fetched and begins where the newest one
	 * before it ended, in the WAL too: it was being uploaded when the process ended
	 * @param any whether there was a readable file before one was fetched
	 * @param known the newest position known to belong to this database's history, from a
	 * kept file or a restore; zero if there is none
	 * @param pending the files that go on where the replica ends, oldest first, or
	 * {@code null} if there is a gap
	 * @param bridges whether there are snapshots that the replica still lacks
	 */
	public record Kept(@Nullable LtxHeader newest, boolean newestFollows, boolean any, Txid known,
			@Nullable List<SpoolFile> pending, boolean bridges) {

		Txid newestTxid() {
			return (this.newest != null) ? this.newest.maxTxid() : Txid.ZERO;
		}

		/**
		 * Whether the pending files include a snapshot, which stands for all before it.
		 */
		boolean isBridged() {
			return this.pending != null && this.pending.stream().anyMatch(SpoolFile::isSnapshot);
		}

	}

	/**
	 * The evidence in the WAL.
	 *
	 * @param pageSize page size of the database, in bytes
	 * @param continuity whether it continues the newest kept file; not examined while
	 * syncs are under way
	 * @param later whether it is a later generation of the WAL that the file was made
	 * from
	 * @param continuesReplica whether it continues the replica's newest file, although a
	 * different file is kept here
	 */
	public record Wal(int pageSize, Continuity continuity, boolean later, boolean continuesReplica) {

	}

	/**
	 * The notes beside the spool.
	 *
	 * @param file what is remembered of the database file. A reboot counts only if the
	 * replica's newest state is known to have come from here
	 * @param overwritten whether the file was written to since the last orderly stop
	 * @param putBack whether its WAL was found to be older than what was replicated
	 * @param sameBoot whether the machine is known not to have rebooted since something
	 * was replicated: then no power loss took anything
	 * @param moved whether the replica was at another location before
	 * @param offline the position from which syncs went on without asking the replica, or
	 * {@code null} if they have not begun
	 */
	public record Memory(Remembered file, boolean overwritten, boolean putBack, boolean sameBoot, boolean moved,
			@Nullable Txid offline) {

	}

}
