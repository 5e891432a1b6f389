package dev.litestream.spring.event;

import dev.litestream.VerificationResult;

/**
 * A backup does not restore, is damaged, or differs from the database.
 *
 * @param database the database's name
 * @param result what was found
 */
public record BackupVerificationFailed(String database, VerificationResult result) implements ReplicationEvent {

}
