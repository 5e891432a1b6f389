package dev.litestream.spring.event;

import java.time.Duration;

/**
 * A commit has been waiting for the replica longer than
 * {@code litestream.health.max-lag}.
 *
 * @param database the database's name
 * @param lag how long
 * @param maxLag the limit
 */
public record LagExceeded(String database, Duration lag, Duration maxLag) implements ReplicationEvent {

}
