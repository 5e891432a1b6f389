package dev.litestream;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which failures an acknowledged commit survives. The levels have no simple order. One
 * server that forces each write to its disk survives a power loss of the whole site;
 * three servers that do not force writes may not survive it, but they survive the loss of
 * a disk. {@link #covers} compares two levels.
 */
public enum Durability {

	/**
	 * The replica acknowledges what it holds in memory.
	 */
	VOLATILE(EnumSet.of(Failure.APPLICATION_HOST)),

	/**
	 * One server, which writes to its disk and forces it there some minutes later.
	 */
	SERVER(EnumSet.of(Failure.APPLICATION_HOST, Failure.SERVER_PROCESS)),

	/**
	 * One server, which forces each write to its disk before it acknowledges.
	 */
	SERVER_SYNCED(
			EnumSet.of(Failure.APPLICATION_HOST, Failure.SERVER_PROCESS, Failure.SERVER_POWER, Failure.SITE_POWER)),

	/**
	 * At least three servers, of which most have written it to their disks and force it
	 * there some minutes later.
	 */
	CLUSTER(EnumSet.of(Failure.APPLICATION_HOST, Failure.SERVER_PROCESS, Failure.SERVER_POWER, Failure.SERVER_DISK)),

	/**
	 * At least three servers, of which most have forced it to their disks.
	 */
	CLUSTER_SYNCED(EnumSet.allOf(Failure.class));

	private final Set<Failure> survives;

	Durability(Set<Failure> survives) {
		this.survives = Collections.unmodifiableSet(survives);
	}

	/**
	 * The failures, each by itself, that an acknowledged commit survives.
	 * @return the failures, in the order of their severity
	 */
	public Set<Failure> survives() {
		return this.survives;
	}

	/**
	 * Whether this level survives every failure that another level survives.
	 * @param required the other level
	 * @return whether it does
	 */
	public boolean covers(Durability required) {
		return this.survives.containsAll(required.survives);
	}

	/** A failure that may endanger an acknowledged commit. */
	public enum Failure {

		/** The application's machine is lost, with its disk. */
		APPLICATION_HOST,

		/** A process of the replica is killed and started again. */
		SERVER_PROCESS,

		/** One machine of the replica loses power and starts again. */
		SERVER_POWER,

		/** One disk of the replica is lost. */
		SERVER_DISK,

		/** All machines of the replica lose power at the same time and start again. */
		SITE_POWER

	}

}
