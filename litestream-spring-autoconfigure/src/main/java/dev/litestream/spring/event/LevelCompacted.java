package dev.litestream.spring.event;

import dev.litestream.LtxFile;

/**
 * Files of the replica were merged into one of a higher level, which was read back.
 *
 * @param database the database's name
 * @param file the merged file
 */
public record LevelCompacted(String database, LtxFile file) implements ReplicationEvent {

}
