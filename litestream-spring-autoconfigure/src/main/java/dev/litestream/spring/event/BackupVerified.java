package dev.litestream.spring.event;

import dev.litestream.VerificationResult;

/**
 * A backup was restored to a temporary file and found good.
 *
 * @param database the database's name
 * @param result what was found
 */
public record BackupVerified(String database, VerificationResult result) implements ReplicationEvent {

}
