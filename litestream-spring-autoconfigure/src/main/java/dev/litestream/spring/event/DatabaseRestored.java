package dev.litestream.spring.event;

import dev.litestream.RestoreResult;

/**
 * A database was restored from its replica before the application opened it.
 *
 * @param database the database's name
 * @param result what was restored
 */
public record DatabaseRestored(String database, RestoreResult result) implements ReplicationEvent {

}
