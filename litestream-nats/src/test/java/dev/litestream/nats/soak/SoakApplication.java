package dev.litestream.nats.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.LevelOptions;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.Txid;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.nats.NatsReplicaClient;
import dev.litestream.nats.NatsReplicaUrl;
import dev.litestream.replica.ReplicaClient;

/**
 * The application of a soak, one run of it: restores if its database is missing, writes
 * with several threads, and notes in the journal what it knows of its commits. Runs until
 * it is killed, or asked to end.
 */
final class SoakApplication {

	private static final int WRITERS = 3;

	/** Short, so that everything is merged, snapshot and deleted all the time. */
	private static final LevelOptions LEVELS = new LevelOptions(
			List.of(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(15)), Duration.ofSeconds(20),
			Duration.ofSeconds(40), Duration.ofSeconds(5), Duration.ofSeconds(1), true);

	private static final int COMMITS_PER_CONNECTION = 100;

	private final Path path;

	private final ReplicatedDatabase database;

	private final Journal journal;

	private final int run;

	private final long seed;

	/** The newest commit that has begun, and the newest that is done. */
	private final AtomicLong begun = new AtomicLong();

	private final AtomicLong done = new AtomicLong();

	private final AtomicLong vacuums = new AtomicLong();

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean ended;

	private SoakApplication(Path path, ReplicatedDatabase database, Journal journal, int run, long seed) {
		this.path = path;
		this.database = database;
		this.journal = journal;
		this.run = run;
		this.seed = seed;
	}

	/**
	 * Runs.
	 * @param args database file, replica URL, journal, number of the run, seed
	 */
	public static void main(String[] args) throws Exception {
		Path path = Path.of(args[0]);
		int run = Integer.parseInt(args[3]);
		NatsReplicaClient client = new NatsReplicaClient(NatsReplicaUrl.parse(args[1]).toOptions().build());
		// A small threshold, so that there are many checkpoints.
		LitestreamEngine engine = LitestreamEngine.builder()
			.database(DatabaseOptions.of(path).minCheckpointPages(100).levels(LEVELS).build(), client)
			.build();
		engine.restore();
		Journal journal = new Journal(Path.of(args[2]), run);
		SoakApplication application = new SoakApplication(path, engine.databases().get(0), journal, run,
				Long.parseLong(args[4]));
		// Open until replication has begun: the last connection to go checkpoints.
		try (Connection connection = application.begin()) {
			engine.start();
			application.startThreads();
		}
		Runtime.getRuntime().addShutdownHook(new Thread(() -> application.end(engine), "end"));
		System.out.println("READY");
	}

	private Connection begin() throws SQLException, IOException {
		if (!Files.exists(this.path)) {
			Files.createDirectories(this.path.getParent());
			try (Connection connection = unprepared(); Statement statement = connection.createStatement()) {
				statement.executeUpdate("PRAGMA auto_vacuum = INCREMENTAL");
				statement.executeUpdate("VACUUM");
			}
		}
		Connection connection = prepared();
		execute(connection, "BEGIN IMMEDIATE");
		History.create(connection);
		long commit = History.next(connection);
		this.journal.begins(commit);
		this.begun.set(commit);
		History.begin(connection, this.run, commit);
		execute(connection, "COMMIT");
		this.done.set(commit);
		return connection;
	}

	private Connection prepared() throws SQLException {
		Connection connection = unprepared();
		this.database.prepare(connection);
		return connection;
	}

	private Connection unprepared() throws SQLException {
		return DriverManager.getConnection("jdbc:sqlite:" + this.path + "?synchronous=NORMAL&busy_timeout=30000");
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private void startThreads() {
		for (int writer = 0; writer < WRITERS; writer++) {
			Random random = new Random(this.seed + this.run * WRITERS + writer);
			start("writer-" + writer, () -> write(random));
		}
		start("acknowledgements", this::acknowledge);
	}

	private void start(String name, Work work) {
		Thread thread = new Thread(() -> {
			try {
				while (!this.ended) {
					work.run();
				}
			}
			catch (Exception ex) {
				// The test reads this and fails: none of this must ever fail.
				System.out.println("FAILED " + name);
				ex.printStackTrace(System.out);
			}
		}, name);
		this.threads.add(thread);
		thread.start();
	}

	/** Some commits on a connection of this or that kind. */
	private void write(Random random) throws SQLException {
		boolean checkpoints = random.nextInt(3) == 0;
		try (Connection connection = checkpoints ? unprepared() : prepared()) {
			if (checkpoints && random.nextBoolean()) {
				execute(connection, "PRAGMA wal_autocheckpoint = 20");
			}
			for (int i = 0; i < COMMITS_PER_CONNECTION && !this.ended; i++) {
				commit(connection);
				if (random.nextInt(400) == 0) {
					execute(connection, "VACUUM");
					this.vacuums.incrementAndGet();
				}
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
			}
		}
	}

	private void commit(Connection connection) throws SQLException {
		execute(connection, "BEGIN IMMEDIATE");
		long commit = History.next(connection);
		this.begun.set(commit);
		History.work(connection, this.seed, this.run, commit);
		execute(connection, "COMMIT");
		this.done.accumulateAndGet(commit, Math::max);
	}

	private void acknowledge() throws IOException, InterruptedException {
		Txid txid = this.database.status().txid();
		long time = System.currentTimeMillis();
		this.journal.later(this.begun.get(), txid, time);
		long commit = this.done.get();
		if (this.database.sync(Duration.ofSeconds(10))) {
			this.journal.acknowledged(commit, this.database.status().replicatedTxid());
		}
		count();
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
	}

	private void count() throws IOException {
		DatabaseStatus status = this.database.status();
		long[] numbers = new long[Counter.values().length];
		numbers[Counter.OBJECTS.ordinal()] = status.counters().objects();
		numbers[Counter.OBJECT_BYTES.ordinal()] = status.counters().objectBytes();
		numbers[Counter.CHECKPOINTS.ordinal()] = status.counters().checkpoints();
		numbers[Counter.RESYNCS.ordinal()] = status.counters().resyncs();
		numbers[Counter.VACUUMS.ordinal()] = this.vacuums.get();
		for (DatabaseStatus.Level level : status.levels().levels()) {
			boolean snapshot = level.level() == ReplicaClient.SNAPSHOT_LEVEL;
			numbers[(snapshot ? Counter.SNAPSHOTS : Counter.COMPACTIONS).ordinal()] += level.files();
			numbers[(snapshot ? Counter.SNAPSHOT_BYTES : Counter.COMPACTION_BYTES).ordinal()] += level.bytes();
			numbers[Counter.DELETED_FILES.ordinal()] += level.deletes();
			numbers[Counter.LEVEL_ERRORS.ordinal()] += level.errors();
		}
		numbers[Counter.UNVERIFIED_FILES.ordinal()] = status.levels().verifyErrors();
		this.journal.counted(Arrays.stream(numbers).mapToObj(Long::toString).collect(Collectors.joining(" ")));
	}

	private void end(LitestreamEngine engine) {
		try {
			this.ended = true;
			for (Thread thread : this.threads) {
				thread.join();
			}
			engine.stop();
			engine.close();
			DatabaseStatus status = this.database.status();
			this.journal.acknowledged(this.done.get(), status.replicatedTxid());
			count();
			System.out.println("ENDED, with " + status.counters().spoolBytes() + " bytes left");
		}
		catch (IOException | InterruptedException | RuntimeException ex) {
			System.out.println("FAILED end");
			ex.printStackTrace(System.out);
		}
	}

	/** What is counted, in the order of the journal. */
	enum Counter {

		OBJECTS, OBJECT_BYTES, CHECKPOINTS, RESYNCS, VACUUMS, COMPACTIONS, COMPACTION_BYTES, SNAPSHOTS, SNAPSHOT_BYTES,

		DELETED_FILES, LEVEL_ERRORS, UNVERIFIED_FILES

	}

	private interface Work {

		void run() throws SQLException, IOException, InterruptedException;

	}

}
