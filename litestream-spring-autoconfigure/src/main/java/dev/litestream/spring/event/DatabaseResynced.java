package dev.litestream.spring.event;

import dev.litestream.ResyncReason;
import dev.litestream.Txid;

/**
 * A sync could not continue from the last position and ships the difference to the whole
 * database.
 *
 * @param database the database's name
 * @param reason why
 * @param txid the position that the resync gets
 */
public record DatabaseResynced(String database, ResyncReason reason, Txid txid) implements ReplicationEvent {

}
