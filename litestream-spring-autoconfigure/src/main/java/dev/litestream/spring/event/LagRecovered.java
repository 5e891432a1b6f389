package dev.litestream.spring.event;

/**
 * No commit waits longer than {@code litestream.health.max-lag} any more.
 *
 * @param database the database's name
 */
public record LagRecovered(String database) implements ReplicationEvent {

}
