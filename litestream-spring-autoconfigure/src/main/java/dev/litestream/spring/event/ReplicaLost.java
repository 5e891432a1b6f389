package dev.litestream.spring.event;

/**
 * A replica cannot be reached or refuses.
 *
 * @param database the database's name
 * @param reason why, in a sentence without secrets
 */
public record ReplicaLost(String database, String reason) implements ReplicationEvent {

}
