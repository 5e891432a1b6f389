package dev.litestream;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How much a replica holds and the state of the connection to it, at one moment. Holds no
 * secrets.
 *
 * @param asOf when this was determined, or {@code null} if nothing is known yet
 * @param levels what the database has at the replica, ten levels
 * @param store the store that holds it, perhaps with others
 * @param connection the connection to the store, or {@code null} where there is none
 * @param problem why the figures are not newer, in a sentence, or {@code null}
 */
public record ReplicaUsage(@Nullable Instant asOf, List<Level> levels, Store store, @Nullable Connection connection,
		@Nullable String problem) {

	public ReplicaUsage {
		levels = List.copyOf(levels);
	}

	/**
	 * Nothing is known yet.
	 * @param connection the connection to the store
	 * @return a usage of nothing, without a time
	 */
	public static ReplicaUsage unknown(@Nullable Connection connection) {
		return new ReplicaUsage(null, Collections.nCopies(10, new Level(0, 0)),
				new Store(0, -1, 0, 0, "", List.of(), List.of()), connection, null);
	}

	/**
	 * Whether anything is known.
	 * @return whether there is a time
	 */
	public boolean isKnown() {
		return this.asOf != null;
	}

	/**
	 * All objects of the database.
	 * @return their number
	 */
	public long objects() {
		return this.levels.stream().mapToLong(Level::objects).sum();
	}

	/**
	 * All bytes of the database's objects.
	 * @return their sizes, added up
	 */
	public long bytes() {
		return this.levels.stream().mapToLong(Level::bytes).sum();
	}

	/**
	 * The same figures with the present state of the connection.
	 * @param now the connection
	 * @param reason why the figures are not newer, or {@code null}
	 * @return a copy
	 */
	public ReplicaUsage with(@Nullable Connection now, @Nullable String reason) {
		return new ReplicaUsage(this.asOf, this.levels, this.store, now, reason);
	}

	/**
	 * What lies at one level.
	 *
	 * @param objects number of LTX files
	 * @param bytes their sizes, added up
	 */
	public record Level(long objects, long bytes) {

	}

	/**
	 * The store.
	 *
	 * @param bytes how much it holds, in bytes
	 * @param limit the most it may hold, in bytes; -1 for no limit
	 * @param messages how many messages it holds
	 * @param replicas number of copies that it keeps
	 * @param leader the server that leads; empty if there is only one server
	 * @param peers the other servers with a copy
	 * @param phantoms objects of the database that are listed without all their content
	 */
	public record Store(long bytes, long limit, long messages, int replicas, String leader, List<Peer> peers,
			List<String> phantoms) {

		public Store {
			peers = List.copyOf(peers);
			phantoms = List.copyOf(phantoms);
		}

	}

	/**
	 * A server with a copy.
	 *
	 * @param name its name
	 * @param current whether it has all the leader has
	 * @param offline whether the leader cannot reach it
	 * @param lag how many operations it is behind
	 */
	public record Peer(String name, boolean current, boolean offline, long lag) {

	}

	/**
	 * The connection.
	 *
	 * @param state {@code CONNECTED}, {@code RECONNECTING}, {@code SILENT} for a server
	 * that keeps its connection and does not answer, or another
	 * @param server the address of the server at the other end; empty while there is none
	 * @param reconnects how often the connection was re-established
	 * @param roundTrip time to the server and back
	 * @param roundTripsPerCommit how often a small commit waits for that; 0 if unknown
	 */
	public record Connection(String state, String server, long reconnects, Duration roundTrip,
			int roundTripsPerCommit) {

		/** No connection is known. */
		public static final Connection NONE = new Connection("DISCONNECTED", "", 0, Duration.ZERO, 0);

		/**
		 * Whether the store can be reached, as far as is known.
		 * @return whether there is a connection and the server responds
		 */
		public boolean isConnected() {
			return "CONNECTED".equals(this.state);
		}

	}

}
