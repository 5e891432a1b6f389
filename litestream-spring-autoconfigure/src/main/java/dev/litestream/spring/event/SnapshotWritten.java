package dev.litestream.spring.event;

import dev.litestream.LtxFile;

/**
 * A snapshot was written to the replica and read back.
 *
 * @param database the database's name
 * @param file the snapshot
 */
public record SnapshotWritten(String database, LtxFile file) implements ReplicationEvent {

}
