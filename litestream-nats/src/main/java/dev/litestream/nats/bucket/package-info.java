/**
 * The objects of a database in an object store bucket, on plain JetStream calls. The
 * layout in the bucket is that of ADR-20, as described at {@code ObjectMeta}.
 *
 * <h2>For applications</h2> {@link dev.litestream.nats.bucket.NatsBucketOptions}: how is
 * a missing bucket created?
 *
 * <h2>Not for applications</h2> {@link dev.litestream.nats.bucket.ObjectStore} puts the
 * parts together for the replica client, which says with
 * {@link dev.litestream.nats.bucket.BucketUse} how it uses the bucket. Both are public
 * for the client alone and may change at any time.
 * <table>
 * <caption>Where to look</caption> <thead>
 * <tr>
 * <th>question</th>
 * <th>class</th>
 * </tr>
 * </thead> <tbody>
 * <tr>
 * <td>what is a bucket: its stream and subjects</td>
 * <td>{@code Bucket}, {@code StreamIdentity}</td>
 * </tr>
 * <tr>
 * <td>what does an object's metadata look like; which objects are ours</td>
 * <td>{@code ObjectMeta}, {@code ObjectNames}, {@code StrangeObject}</td>
 * </tr>
 * <tr>
 * <td>what do the servers answer, and what does an error mean</td>
 * <td>{@code JetStreamApi}, {@code JetStreamErrorException}, {@code
 * NoRespondersException}, {@code LeaderWait}</td>
 * </tr>
 * <tr>
 * <td>where does a file become chunks, and when is it visible</td>
 * <td>{@code ObjectPut}, {@code ChunkUpload}</td>
 * </tr>
 * <tr>
 * <td>how is a file read, whole or in part</td>
 * <td>{@code ObjectGet}, {@code PartRead}, {@code Part}, {@code ChunkStream}, {@code
 * DirectReads}, {@code PullConsumer}, {@code ConsumerLostException}</td>
 * </tr>
 * <tr>
 * <td>what has the leader, not a follower that lags</td>
 * <td>{@code LeaderReads}, {@code StreamState}</td>
 * </tr>
 * <tr>
 * <td>what is in the bucket, and how is that proved</td>
 * <td>{@code ObjectList}, {@code BucketIndex}, {@code IndexLedger}, {@code
 * IndexedObjects}, {@code LevelFiles}, {@code SharedIndexes}</td>
 * </tr>
 * <tr>
 * <td>how is the whole bucket read</td>
 * <td>{@code BucketScan}</td>
 * </tr>
 * <tr>
 * <td>how are objects deleted, and what a crash left</td>
 * <td>{@code ObjectDelete}, {@code OrphanedChunks}, {@code OrphanPurge}</td>
 * </tr>
 * <tr>
 * <td>may the bucket be used, and what is wrong with it</td>
 * <td>{@code BucketCheck}, {@code BucketWatch}, {@code BucketFindings}, {@code
 * StreamSettings}, {@code BucketDurability}</td>
 * </tr>
 * <tr>
 * <td>what are bucket and server like</td>
 * <td>{@code BucketState}, {@code ServerState}, {@code ServerVersion}</td>
 * </tr>
 * <tr>
 * <td>how much does the replica hold</td>
 * <td>{@code UsageProbe}</td>
 * </tr>
 * </tbody>
 * </table>
 */
@NullMarked
package dev.litestream.nats.bucket;

import org.jspecify.annotations.NullMarked;
