package dev.litestream.continuity;

import dev.litestream.MismatchAction;
import dev.litestream.continuity.Decision.Fault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that a database does not continue its replica's history, and what to do about it.
 *
 * @param database the database's name
 * @param file the database file
 * @param replica where the replica is
 * @param action what to do in this case, as configured
 * @param before the fault for which a file was refused at an earlier start; empty if one
 * has been accepted since
 */
public record Mismatch(String database, String file, String replica, MismatchAction action, String before) {

	private static final Logger logger = LoggerFactory.getLogger(Mismatch.class);

	/**
	 * Reports the fault that the evidence shows.
	 * @param fault why the database does not continue the history
	 * @param evidence the evidence
	 * @throws DatabaseMismatchException unless the database is to be accepted all the
	 * same
	 */
	public void report(Fault fault, Evidence evidence) {
		report(switch (fault) {
			case ANOTHER_HISTORY -> "cannot go on in " + this.replica
					+ ": another application has replicated there under the TXIDs of this one";
			case UNREADABLE -> "cannot go on in " + this.replica
					+ ": the newest file there is damaged, and it is not known whether it came from here";
			case AHEAD -> "ends at TXID " + evidence.known() + ", but " + this.replica + " goes on to "
					+ evidence.replica().newest()
					+ ": another application replicates there, or this directory was put back from an older copy";
			case OLDER_COPY -> "is not the continuation of what the replica holds: it is another file than the one"
					+ " replicated before, and its WAL lacks frames that are in " + this.replica
					+ ". It is an older copy";
		});
	}

	/**
	 * Reports a fault, a clause that follows "the database". Throws
	 * {@link DatabaseMismatchException} unless the database is to be accepted all the
	 * same.
	 */
	void report(String fault) {
		if (this.action == MismatchAction.RESYNC) {
			logger.warn("{}: the database {} {}; litestream.replica.on-mismatch is 'resync': its present state goes to"
					+ " the replica as the newest one", this.database, this.file, fault);
			return;
		}
		throw new DatabaseMismatchException("The database " + this.file + " " + fault
				+ ". Nothing is replicated. Either restore what " + this.replica
				+ " holds: stop the application, move the database file and its -wal away and start again "
				+ "(litestream.restore.on-startup); or set litestream.replica.on-mismatch=resync: this "
				+ "database then becomes the replica's newest state", fault);
	}

}
