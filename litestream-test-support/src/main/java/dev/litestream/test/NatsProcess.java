package dev.litestream.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A nats-server as a process of this machine, in its own temporary folder.
 */
final class NatsProcess implements NatsHost {

	private final Path program;

	private final Path folder;

	private final Path log;

	private final String head;

	private @Nullable ChildProcess process;

	NatsProcess(Path program, int port, int monitorPort, String jetStream, String config) throws IOException {
		this.program = program;
		this.folder = Files.createTempDirectory("litestream-nats-");
		this.log = this.folder.resolve("nats-server.log");
		StringBuilder text = new StringBuilder();
		text.append(String.format(Locale.ROOT, "listen: \"127.0.0.1:%d\"%n", port));
		if (monitorPort > 0) {
			text.append(String.format(Locale.ROOT, "http: \"127.0.0.1:%d\"%n", monitorPort));
		}
		text.append(String.format(Locale.ROOT, "jetstream { store_dir: \"%s\" %s }%n", this.folder.resolve("store"),
				jetStream));
		this.head = text.toString();
		configure(config);
	}

	@Override
	public void configure(String config) throws IOException {
		Files.writeString(this.folder.resolve("nats-server.conf"), this.head + config + System.lineSeparator());
	}

	@Override
	public void start() throws IOException {
		this.process = ChildProcess.start(this.log,
				List.of(this.program.toString(), "-c", this.folder.resolve("nats-server.conf").toString()));
	}

	@Override
	public void stop() {
		process().stop();
	}

	@Override
	public void kill() {
		process().kill();
	}

	@Override
	public void pause() {
		process().pause();
	}

	@Override
	public void resume() {
		process().resume();
	}

	@Override
	public void reload(String config) throws IOException {
		configure(config);
		process().signal("HUP");
	}

	@Override
	public void lameDuck() {
		process().signal("USR2");
	}

	@Override
	public boolean isAlive() {
		return this.process != null && this.process.isAlive();
	}

	@Override
	public String log() {
		return process().log();
	}

	private ChildProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The nats-server was not started");
		}
		return this.process;
	}

	@Override
	public void close() throws IOException {
		if (this.process != null) {
			this.process.kill();
		}
		try (Stream<Path> files = Files.walk(this.folder)) {
			files.sorted(Comparator.reverseOrder()).forEach((file) -> {
				try {
					Files.deleteIfExists(file);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
	}

}
