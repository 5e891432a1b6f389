package dev.litestream.benchmarks;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Tools;
import io.nats.client.Connection;

/**
 * The time that each program takes to restore what a contestant has left in the bucket
 * when it caught up, each in a new process; beside it, reading the bucket's chunks and
 * writing a file of that size. Both restores have to be the same to the byte.
 */
final class RestoreTime implements Measure {

	private static final Duration TIMEOUT = Duration.ofMinutes(15);

	private static final int BLOCK = 1 << 20;

	private final Options options;

	RestoreTime(Options options) {
		this.options = options;
	}

	@Override
	public String name() {
		return "restore";
	}

	@Override
	public List<Contestant> contestants() {
		return List.of(Contestant.ORIGINAL, Contestant.OURS);
	}

	/** Here the contestant of a figure is who restores; who has written is its name. */
	@Override
	public void run(Contestant writtenBy, Figures figures) throws Exception {
		String bucket = "the bucket that " + writtenBy.title() + " wrote";
		try (Scene scene = Scene.set(writtenBy, false)) {
			fill(scene);
			Path ours = scene.file("ours.db");
			Path original = scene.file("original.db");
			String url = scene.server().url(Scene.BUCKET);
			figures.add(Contestant.ORIGINAL, bucket, "s",
					seconds(scene, List.of(Tools.litestream().toString(), "restore", "-o", original.toString(), url)));
			figures.add(Contestant.OURS, bucket, "s", seconds(scene, List.of(JavaProgram.java(), "-Xmx256m", "-cp",
					JavaProgram.classPath(), RestoreProgram.class.getName(), url, ours.toString())));
			long difference = Files.mismatch(ours, original);
			if (difference >= 0) {
				throw new IllegalStateException("The two restores differ from byte " + difference + " on");
			}
			try (Connection connection = scene.server().connect()) {
				figures.add(Contestant.LIMIT, bucket + ": chunks read", "s",
						RawStream.read(connection, "OBJ_" + Scene.BUCKET, "$O." + Scene.BUCKET + ".C.>"));
			}
			figures.add(Contestant.LIMIT, bucket + ": file written", "s",
					write(scene.file("plain"), Files.size(original)));
		}
	}

	private void fill(Scene scene) throws Exception {
		scene.startOriginal();
		WriterProcess writer = scene
			.startWriter(Map.of("workload", "LOAD", "megabytes", Integer.toString(this.options.megabytes())));
		writer.awaitTime("DONE");
		scene.awaitMark(1, writer.commits().get(1L));
		writer.stop();
		scene.stopOriginal();
	}

	private static double seconds(Scene scene, List<String> command) throws IOException {
		Path log = scene.file("restore.log");
		long begun = System.nanoTime();
		ChildProcess process = ChildProcess.start(log, command);
		if (process.awaitExit(TIMEOUT) != 0) {
			throw new IllegalStateException("The restore failed:\n" + process.log());
		}
		return (System.nanoTime() - begun) / 1e9;
	}

	/** Until the disk has it, as both programs wait for it. */
	private static double write(Path file, long size) throws IOException {
		byte[] block = new byte[BLOCK];
		long begun = System.nanoTime();
		try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
			for (long left = size; left > 0; left -= BLOCK) {
				out.write(block, 0, (int) Math.min(BLOCK, left));
			}
			out.getFD().sync();
		}
		return (System.nanoTime() - begun) / 1e9;
	}

}
