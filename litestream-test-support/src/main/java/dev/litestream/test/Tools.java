package dev.litestream.test;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Finds the real programs that the tests run. Each is looked up in this order:
 * <ol>
 * <li>the system property or environment variable {@code NATS_SERVER} or
 * {@code LITESTREAM}, a file;</li>
 * <li>the folder that {@code bin/fetch-tools} fills: the system property
 * {@code litestream.tools}, else {@code .tools/bin} at the root of the repository;</li>
 * <li>{@code PATH}, if the program there is not too old.</li>
 * </ol>
 * Thread-safe.
 */
public final class Tools {

	private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");

	private static final ConcurrentMap<Tool, Optional<Path>> found = new ConcurrentHashMap<>();

	private Tools() {
	}

	/**
	 * The nats-server program.
	 * @return its path
	 * @throws IllegalStateException if there is none; the message says what to run
	 */
	public static Path natsServer() {
		return require(Tool.NATS_SERVER);
	}

	/** The nats-server program, if there is one. */
	static Optional<Path> findNatsServer() {
		return find(Tool.NATS_SERVER);
	}

	/**
	 * The real litestream program.
	 * @return its path
	 * @throws IllegalStateException if there is none; the message says what to run
	 */
	public static Path litestream() {
		return require(Tool.LITESTREAM);
	}

	private static Path require(Tool tool) {
		return find(tool).orElseThrow(() -> new IllegalStateException(missing(tool)));
	}

	static String missing(Tool tool) {
		return String.format(Locale.ROOT,
				"No %s %s or newer was found; put it on PATH, or set %s to the program (in Litestream's own repository bin/fetch-tools brings it).",
				tool.program, tool.minimum(), tool.variable);
	}

	private static Optional<Path> find(Tool tool) {
		return found.computeIfAbsent(tool, Tools::search);
	}

	private static Optional<Path> search(Tool tool) {
		String named = System.getProperty(tool.variable, System.getenv().getOrDefault(tool.variable, ""));
		if (!named.isEmpty()) {
			Path program = Path.of(named).toAbsolutePath();
			if (!Files.isExecutable(program)) {
				throw new IllegalStateException(String.format(Locale.ROOT,
						"%s is set to %s, which is not an executable file; correct it or unset it.", tool.variable,
						named));
			}
			return Optional.of(program);
		}
		Path fetched = fetched(tool.program);
		if (fetched != null) {
			return Optional.of(fetched);
		}
		for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
			Path program = Path.of(folder, tool.program);
			if (Files.isRegularFile(program) && Files.isExecutable(program) && newEnough(tool, program)) {
				return Optional.of(program.toAbsolutePath());
			}
		}
		return Optional.empty();
	}

	private static @Nullable Path fetched(String program) {
		String folder = System.getProperty("litestream.tools");
		Path tools = (folder != null) ? Path.of(folder) : repositoryTools();
		if (tools == null) {
			return null;
		}
		Path file = tools.resolve(program).toAbsolutePath();
		return Files.isExecutable(file) ? file : null;
	}

	private static @Nullable Path repositoryTools() {
		for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
			if (Files.exists(folder.resolve("mvnw")) || Files.exists(folder.resolve(".git"))) {
				return folder.resolve(".tools").resolve("bin");
			}
		}
		return null;
	}

	private static boolean newEnough(Tool tool, Path program) {
		try {
			return atLeast(ChildProcess.output(Duration.ofSeconds(20), List.of(program.toString(), tool.versionFlag)),
					tool.minimum());
		}
		catch (IOException | IllegalStateException ex) {
			return false; // a program that cannot tell its version is none of ours
		}
	}

	/**
	 * Whether the first version number in a program's answer is at least another; {@code
	 * false} if there is none.
	 */
	static boolean atLeast(String answer, String minimum) {
		Matcher is = VERSION.matcher(answer);
		Matcher atLeast = VERSION.matcher(minimum);
		if (!is.find() || !atLeast.find()) {
			return false;
		}
		for (int part = 1; part <= 3; part++) {
			int difference = Integer.compare(Integer.parseInt(is.group(part)), Integer.parseInt(atLeast.group(part)));
			if (difference != 0) {
				return difference > 0;
			}
		}
		return true;
	}

	/**
	 * A program; its versions stand in {@code bin/tool-versions}.
	 */
	enum Tool {

		NATS_SERVER("nats-server", "NATS_SERVER", "--version"),

		LITESTREAM("litestream", "LITESTREAM", "version");

		final String program;

		final String variable;

		final String versionFlag;

		Tool(String program, String variable, String versionFlag) {
			this.program = program;
			this.variable = variable;
			this.versionFlag = versionFlag;
		}

		/** The oldest version whose behaviour the tests rely on. */
		String minimum() {
			return versions().getProperty(this.variable + "_MINIMUM");
		}

		/** The version that {@code bin/fetch-tools} brings. */
		String version() {
			return versions().getProperty(this.variable + "_VERSION");
		}

		private static Properties versions() {
			Properties versions = new Properties();
			try (InputStream input = Objects.requireNonNull(Tools.class.getResourceAsStream("tool-versions"))) {
				versions.load(input);
				return versions;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
