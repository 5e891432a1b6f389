package dev.litestream.nats.bucket;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.litestream.ReplicaUsage;
import dev.litestream.nats.connection.Json;
import io.nats.client.support.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The stream behind a bucket at one moment, as its leader knows it. Not the library's
 * {@code StreamInfo}, which is larger, has no text of the creation, and throws unchecked
 * exceptions where the server's answer is strange.
 *
 * @param created when the stream was created, as the server writes it
 * @param cluster name of the servers' cluster; empty where there is none
 * @param leader name of the leading server
 * @param lastSequence sequence of the last message ever stored
 * @param messages messages that are there
 * @param bytes their bytes
 * @param maxBytes limit of the bytes, -1 for none
 * @param replicas number of copies
 * @param allowsBatches whether messages are taken as atomic batches
 * @param peers the other servers with a copy
 * @param time the server's clock, or when the last message was stored
 */
record StreamState(String created, String cluster, String leader, long lastSequence, long messages, long bytes,
		long maxBytes, int replicas, boolean allowsBatches, List<ReplicaUsage.Peer> peers, Instant time) {

	static StreamState of(@Nullable JsonValue info) throws IOException {
		JsonValue state = Json.member(info, "state");
		JsonValue config = Json.member(info, "config");
		JsonValue cluster = Json.member(info, "cluster");
		List<ReplicaUsage.Peer> peers = new ArrayList<>();
		for (JsonValue peer : Json.elements(Json.member(cluster, "replicas"))) {
			peers.add(new ReplicaUsage.Peer(Json.text(peer, "name"), Json.flag(peer, "current"),
					Json.flag(peer, "offline"), Json.number(peer, "lag")));
		}
		return new StreamState(Json.text(info, "created"), Json.text(cluster, "name"), Json.text(cluster, "leader"),
				Json.number(state, "last_seq"), Json.number(state, "messages"), Json.number(state, "bytes"),
				Json.number(config, "max_bytes"), (int) Json.number(config, "num_replicas"),
				Json.flag(config, "allow_atomic"), List.copyOf(peers), time(info, state));
	}

	private static Instant time(@Nullable JsonValue info, @Nullable JsonValue state) throws IOException {
		String now = Json.text(info, "ts");
		return Json.time(now.isEmpty() ? Json.text(state, "last_ts") : now);
	}

	/**
	 * Whether no message was removed between two states: there are as many more as were
	 * stored.
	 */
	boolean hasLostNothingSince(StreamState before) {
		return comparableTo(before) && this.messages - before.messages == this.lastSequence - before.lastSequence;
	}

	/**
	 * Whether sequences of both states mean the same messages: the same stream, led by
	 * the same server.
	 */
	boolean comparableTo(StreamState other) {
		return this.created.equals(other.created) && this.leader.equals(other.leader);
	}

}
