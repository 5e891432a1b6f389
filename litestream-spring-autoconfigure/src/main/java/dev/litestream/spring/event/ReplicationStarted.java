package dev.litestream.spring.event;

import dev.litestream.Txid;

/**
 * Commits of a database are being replicated, for the first time since the application
 * started or started replication again.
 *
 * @param database the database's name
 * @param txid the position from which the history goes on
 */
public record ReplicationStarted(String database, Txid txid) implements ReplicationEvent {

}
