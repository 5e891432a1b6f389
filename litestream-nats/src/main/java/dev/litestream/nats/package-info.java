/**
 * The replica in a NATS JetStream object store: what an application touches.
 * <ul>
 * <li>{@link dev.litestream.nats.NatsReplicaClient}: the replica; opens and closes it,
 * and translates errors.</li>
 * <li>{@link dev.litestream.nats.NatsReplicaOptions}: where and how.</li>
 * <li>{@link dev.litestream.nats.NatsReplicaUrl}: an address taken apart.</li>
 * </ul>
 * Who we are to the servers and how the connection is protected is said with the public
 * settings of {@link dev.litestream.nats.connection}, how a missing bucket is created
 * with {@link dev.litestream.nats.bucket.NatsBucketOptions}. All else in those two
 * packages is not for applications and may change at any time.
 * <p>
 * Each package uses only those to its right: <pre>
 * nats -&gt; nats.bucket -&gt; nats.connection
 * </pre>
 */
@NullMarked
package dev.litestream.nats;

import org.jspecify.annotations.NullMarked;
