package dev.litestream.nats.upstream;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Tools;

/**
 * The original's own {@code litestream-test} program; the system property
 * {@code load.tool} names it.
 */
final class LoadTool {

	private final Path program;

	private final Path directory;

	/**
	 * Finds the program.
	 * @param directory for its output
	 */
	LoadTool(Path directory) {
		String program = System.getProperty("load.tool", "");
		if (program.isEmpty()) {
			throw new IllegalStateException(
					"The system property load.tool must name the litestream-test program; run bin/load-tool, which builds it.");
		}
		this.program = Path.of(program).toAbsolutePath();
		this.directory = directory;
	}

	/**
	 * Runs a command to its end and requires that it succeeds.
	 * @param arguments the command and its flags
	 * @return what it printed
	 */
	String run(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(this.program.toString()));
		command.addAll(Arrays.asList(arguments));
		Path log = Files.createTempFile(this.directory, "litestream-test-", ".log");
		// It calls litestream by that name.
		String path = Tools.litestream().getParent() + File.pathSeparator + System.getenv("PATH");
		try (ChildProcess child = ChildProcess.start(log, command, Map.of("PATH", path))) {
			int exitCode = child.awaitExit(Duration.ofMinutes(15));
			if (exitCode != 0) {
				throw new AssertionError(String.format(Locale.ROOT, "%s ended with exit code %d and printed:%n%s",
						command, exitCode, child.log()));
			}
			return child.log();
		}
	}

	/**
	 * The last value that the program logged for a key.
	 * @param output what it printed
	 * @param key the key
	 * @return the value
	 */
	static String value(String output, String key) {
		Matcher matcher = Pattern.compile("\\b" + key + "=(\\S+)").matcher(output);
		String value = null;
		while (matcher.find()) {
			value = matcher.group(1);
		}
		if (value == null) {
			throw new AssertionError("The program printed no " + key + ":\n" + output);
		}
		return value;
	}

}
