package dev.litestream.spring.event;

/**
 * A replica answers again.
 *
 * @param database the database's name
 */
public record ReplicaBack(String database) implements ReplicationEvent {

}
