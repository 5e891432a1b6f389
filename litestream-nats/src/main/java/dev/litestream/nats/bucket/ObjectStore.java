package dev.litestream.nats.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaUsage;
import dev.litestream.Txid;
import dev.litestream.ltx.LtxFileInfo;
import dev.litestream.nats.connection.Link;
import dev.litestream.nats.connection.SharedConnection;
import dev.litestream.replica.LtxListing;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one database in a bucket, over a connection: puts the parts of this
 * package together. Its calls fail with a {@link JetStreamErrorException} or a
 * {@link NoRespondersException}, which are not yet translated for the caller, or with the
 * exceptions of a replica client. Thread-safe. Not for applications.
 */
public final class ObjectStore implements AutoCloseable {

	/** Time between two looks at a bucket while there is traffic. */
	public static final Duration LOOK_INTERVAL = Duration.ofMinutes(2);

	/** An idle bucket is looked at more often: nothing else tells of it. */
	private static final int IDLE_LOOKS = 12;

	private final Duration idleInterval;

	private final SharedConnection connection;

	private final Bucket bucket;

	private final ObjectNames names;

	private final LeaderReads leader;

	private final BucketWatch watch;

	private final BucketIndex index;

	private final BucketScan scan;

	private final ObjectPut put;

	private final ObjectGet get;

	private final ObjectList list;

	private final ObjectDelete delete;

	private final UsageProbe usage;

	private final LeaderWait leaderWait;

	private ObjectStore(SharedConnection connection, BucketUse use, Duration lookInterval) throws IOException {
		this.connection = connection;
		this.idleInterval = lookInterval.dividedBy(IDLE_LOOKS);
		this.bucket = new Bucket(use.bucket(), use.jetStreamPrefix());
		this.names = new ObjectNames(use.path());
		connection.connect();
		JetStreamApi api = new JetStreamApi(connection, use);
		this.watch = new BucketWatch(api, this.bucket, lookInterval);
		StreamState stream = new BucketCheck(api, this.bucket, this.watch).run();
		this.leader = new LeaderReads(api, this.bucket);
		this.index = SharedIndexes.acquire(connection, this.bucket);
		this.index.stream().opened(stream);
		this.scan = new BucketScan(api, this.bucket, this.leader);
		this.put = new ObjectPut(api, this.bucket, this.leader, this.index, this.watch);
		this.get = new ObjectGet(api, this.bucket, this.leader);
		this.list = new ObjectList(this.index, this.scan, this.names);
		this.delete = new ObjectDelete(api, this.bucket, this.leader, this.index);
		this.usage = new UsageProbe(connection, this.index, this.scan, this.names, this.list, this.watch);
		this.leaderWait = new LeaderWait(api, this.leader);
	}

	/**
	 * Connects, checks the bucket, and creates it if it is missing and that is allowed.
	 * @param connection the connection; the store takes it over only if this succeeds
	 * @param use how the bucket is used
	 * @param lookInterval time between two looks at the bucket while there is traffic
	 * @return the store
	 * @throws IOException if the bucket cannot be used
	 */
	public static ObjectStore open(SharedConnection connection, BucketUse use, Duration lookInterval)
			throws IOException {
		return new ObjectStore(connection, use, lookInterval);
	}

	/**
	 * What the last look at the bucket and the last listing found.
	 * @return the condition
	 */
	public ReplicaCondition condition() {
		return this.watch.condition().and(this.list.findings());
	}

	/**
	 * Lists a level.
	 * @param level 0 to 9
	 * @return the listing
	 * @throws IOException if the listing could not be proved complete
	 */
	public LtxListing list(int level) throws IOException {
		this.watch.traffic();
		return this.list.list(level);
	}

	/**
	 * Lists all levels.
	 * @return ten listings, by level
	 * @throws IOException if the listing could not be proved complete
	 */
	public List<LtxListing> list() throws IOException {
		this.watch.traffic();
		return this.list.list();
	}

	/**
	 * Opens a file.
	 * @param file the file
	 * @return its content
	 * @throws IOException if it cannot be read
	 */
	public InputStream read(LtxFileInfo file) throws IOException {
		return this.get.open(name(file));
	}

	/**
	 * Opens a part of a file.
	 * @param file the file
	 * @param offset the first byte
	 * @param length the number of bytes
	 * @return the part
	 * @throws IOException if it cannot be read
	 */
	public InputStream read(LtxFileInfo file, long offset, long length) throws IOException {
		return this.get.open(name(file), offset, length);
	}

	/**
	 * Creates a file.
	 * @param level its level
	 * @param minTxid its first position
	 * @param maxTxid its last position
	 * @param timestamp its timestamp
	 * @param content its content, read to the end, not closed
	 * @return the file
	 * @throws IOException if it could not be created, or that is unknown
	 */
	public LtxFileInfo write(int level, Txid minTxid, Txid maxTxid, Instant timestamp, InputStream content)
			throws IOException {
		ObjectMeta meta = this.put.put(this.names.of(level, minTxid, maxTxid), timestamp, content);
		this.watch.traffic();
		return new LtxFileInfo(level, minTxid, maxTxid, meta.size(), timestamp);
	}

	/**
	 * Deletes files, and what was left half-way.
	 * @param files the files
	 * @throws IOException if one could not be deleted
	 */
	public void delete(Collection<LtxFileInfo> files) throws IOException {
		List<String> objects = new ArrayList<>(files.stream().map(this::name).toList());
		objects.addAll(this.list.superseded(files));
		this.delete.delete(objects);
		// who may delete objects may also clear what others left half-way
		new OrphanPurge(this.scan, this.index).purge(OrphanPurge.AGE);
	}

	/**
	 * Whether a file is there.
	 * @param file the file
	 * @return whether its metadata is
	 * @throws IOException if that cannot be found out
	 */
	public boolean exists(LtxFileInfo file) throws IOException {
		LeaderReads.Stored stored = this.leader.meta(name(file));
		return stored != null && !stored.meta().deleted();
	}

	/**
	 * What the replica holds.
	 * @return the usage as it was last found out
	 */
	public ReplicaUsage usage() {
		return this.usage.usage();
	}

	/**
	 * Whether the replica is within reach.
	 * @return whether there is a connection and the server answered last time
	 */
	public boolean isConnected() {
		return this.usage.isConnected();
	}

	/**
	 * Why the replica is out of reach.
	 * @return since when and why, with the cure, or {@code null} if it is not
	 */
	public @Nullable String outage() {
		return this.usage.outage();
	}

	/**
	 * When the bucket was created, which tells it from another of the same name.
	 * @return the time as the server writes it
	 * @throws IOException if that cannot be found out
	 */
	public String created() throws IOException {
		return this.leader.created();
	}

	/**
	 * How often something happened after which the bucket may be another one.
	 * @return the number of times
	 */
	public long disturbances() {
		return this.connection.connects() + this.put.backwards() + this.index.stream().disturbances();
	}

	/**
	 * Looks now and then whether the bucket is still the same. Does not wait.
	 */
	public void lookWhileIdle() {
		Link link = this.connection.current();
		if (link != null) {
			this.index.stream().idle(link, this.leader, this.idleInterval);
		}
	}

	/**
	 * Waits until the bucket has a leader, at most twice the request timeout.
	 * @return whether it has one
	 * @throws JetStreamErrorException if the bucket does not exist
	 * @throws InterruptedIOException if interrupted
	 */
	public boolean awaitLeader() throws JetStreamErrorException, InterruptedIOException {
		return this.leaderWait.await();
	}

	private String name(LtxFileInfo file) {
		return this.names.of(file.level(), file.minTxid(), file.maxTxid());
	}

	@Override
	public void close() {
		SharedIndexes.release(this.connection, this.bucket);
		this.connection.release();
	}

}
