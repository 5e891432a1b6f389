package dev.litestream.engine;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import dev.litestream.DatabaseOptions;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.replica.FileReplicaClient;

/**
 * A process with few descriptors: uses them all up, says what its engine makes of that,
 * gives them back, and says whether replication goes on.
 */
final class OutOfDescriptors {

	private OutOfDescriptors() {
	}

	public static void main(String[] args) throws Exception {
		Path directory = Path.of(args[0]);
		Deque<FileInputStream> hoard = new ArrayDeque<>();
		loadClasses();
		LitestreamEngine engine = LitestreamEngine.builder().build();
		try (Connection first = open(directory, "first"); Connection second = open(directory, "second")) {
			engine.start();
			ReplicatedDatabase one = engine.register(options(directory, "first"), replica(directory, "first"));
			System.out.println("synced " + one.sync(Application.LONG));
			while (hoard.size() < 10_000) {
				try {
					hoard.push(new FileInputStream("/dev/null"));
				}
				catch (IOException ex) {
					break;
				}
			}
			Application.execute(first, "INSERT INTO t VALUES('out of descriptors')");
			while (one.status().lastError() == null) {
				LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
			}
			System.out.println("lastError " + one.status().lastError());
			try {
				engine.register(options(directory, "second"), replica(directory, "second"));
				System.out.println("registered");
			}
			catch (LitestreamException ex) {
				System.out.println("refused " + ex.getMessage());
			}
			while (!hoard.isEmpty()) {
				hoard.pop().close();
			}
			ReplicatedDatabase two = engine.register(options(directory, "second"), replica(directory, "second"));
			boolean recovered = one.sync(Application.LONG);
			boolean registered = two.sync(Application.LONG);
			System.out.println("resyncs " + (one.status().counters().resyncs() + two.status().counters().resyncs()));
			System.out.println("recovered " + recovered + " " + registered);
		}
		finally {
			engine.close();
		}
	}

	/**
	 * Loads the classes that are in a directory here and in an open archive elsewhere.
	 */
	private static void loadClasses() throws Exception {
		Path root = Path.of(LitestreamEngine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		try (Stream<Path> files = Files.walk(root)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".class")).toList()) {
				String name = root.relativize(file).toString();
				Class.forName(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
			}
		}
	}

	private static DatabaseOptions options(Path directory, String name) {
		return DatabaseOptions.of(directory.resolve(name + ".db")).syncInterval(Duration.ofMillis(20)).build();
	}

	private static FileReplicaClient replica(Path directory, String name) {
		return new FileReplicaClient(directory.resolve("replica").resolve(name));
	}

	private static Connection open(Path directory, String name) throws Exception {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(name + ".db"));
		Application.execute(connection, "PRAGMA journal_mode=WAL", "CREATE TABLE t(v)");
		return connection;
	}

}
