package dev.litestream.continuity;

import java.util.List;

import dev.litestream.Txid;
import dev.litestream.ltx.LtxHeader;
import dev.litestream.spool.Provenance.Remembered;
import dev.litestream.spool.SpoolFile;
import org.jspecify.annotations.Nullable;

/**
 * Everything that {@link Decision} goes by, gathered by {@link Investigation}: values
 * only, so that every combination can be decided in a test.
 *
 * @param replica what the replica holds
 * @param spool what is kept here
 * @param wal what the WAL shows
 * @param memory what is remembered beside the spool
 */
public record Evidence(Replica replica, Kept spool, Wal wal, Memory memory) {

	/**
	 * Whether syncs go on from a position that the replica has not left behind: nothing
	 * has to be proved by the WAL then.
	 */
	boolean isUnderWay() {
		Txid offline = this.memory.offline();
		return offline != null
				&& (!offline.isBefore(this.replica.newest()) || this.replica.agreement() == Agreement.SAME);
	}

	/** The newest position known here to be in this database's history. */
	Txid known() {
		Txid offline = this.memory.offline();
		return (offline != null) ? offline : this.spool.known();
	}

	/** The newest position of replica and spool: the next file comes behind it. */
	Txid end() {
		return Txid.max(this.replica.newest(), this.spool.newestTxid());
	}

	/**
	 * What the replica holds.
	 *
	 * @param newest its newest position over all levels, zero if it is empty
	 * @param restorable whether files lead from the first position to the newest one
	 * @param rawIsNewest whether the newest raw file ends there
	 * @param agreement what its newest file is to the spool
	 * @param another whether it is not the replica that the spool was last used with, as
	 * far as its newest file does not show the contrary
	 */
	public record Replica(Txid newest, boolean restorable, boolean rawIsNewest, Agreement agreement, boolean another) {

	}

	/**
	 * What is kept here.
	 *
	 * @param newest the header of the newest readable file, which may have been brought
	 * from the replica just now, or {@code null}
	 * @param newestFollows whether that file was brought and begins where the newest one
	 * before it ended, in the WAL too: it was on its way when the process ended
	 * @param any whether there was a readable file before one was brought
	 * @param known the newest position known to be in this database's history: of a file
	 * that is kept, or of what was restored; zero if there is none
	 * @param pending the files that go on where the replica ends, oldest first, or
	 * {@code null} if one is missing between
	 * @param bridges whether there are snapshots that the replica has yet to get
	 */
	public record Kept(@Nullable LtxHeader newest, boolean newestFollows, boolean any, Txid known,
			@Nullable List<SpoolFile> pending, boolean bridges) {

		Txid newestTxid() {
			return (this.newest != null) ? this.newest.maxTxid() : Txid.ZERO;
		}

		/** Whether a snapshot that stands for all before it is among what goes on. */
		boolean isBridged() {
			return this.pending != null && this.pending.stream().anyMatch(SpoolFile::isSnapshot);
		}

	}

	/**
	 * What the WAL shows.
	 *
	 * @param pageSize page size of the database, in bytes
	 * @param continuity whether it continues the newest file that is kept; not looked at
	 * while syncs are under way
	 * @param later whether it is a later generation of the one that file was made of
	 * @param continuesReplica whether it continues the replica's newest file, although
	 * another one is kept here
	 */
	public record Wal(int pageSize, Continuity continuity, boolean later, boolean continuesReplica) {

	}

	/**
	 * What is remembered beside the spool.
	 *
	 * @param file what is remembered of the database file. A start of the machine counts
	 * only if the replica's newest state is known to have come from here
	 * @param overwritten whether the file was written to since the last stop in order
	 * @param putBack whether its WAL was found to be older than what was replicated
	 * @param sameBoot whether the machine is known to have run on since something was
	 * replicated, so that nothing was lost with the power
	 * @param moved whether the replica was at another location before
	 * @param offline the position from which syncs went on without looking at the
	 * replica, or {@code null} if they have not begun
	 */
	public record Memory(Remembered file, boolean overwritten, boolean putBack, boolean sameBoot, boolean moved,
			@Nullable Txid offline) {

	}

}
