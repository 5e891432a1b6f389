package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.litestream.test.ChildProcess;
import dev.litestream.test.Tools;

/**
 * The machine and the versions of the programs that are measured.
 */
final class Environment {

	private Environment() {
	}

	static Map<String, String> describe() throws IOException {
		Map<String, String> environment = new LinkedHashMap<>();
		environment.put("processors",
				Runtime.getRuntime().availableProcessors() + " × " + firstOf("/proc/cpuinfo", "model name"));
		environment.put("memory",
				Long.parseLong(firstOf("/proc/meminfo", "MemTotal").replace("kB", "").trim()) / 1024 + " MB");
		environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		environment.put("load at the start", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
		environment.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
		environment.put("nats-server", version(Tools.natsServer(), "--version"));
		environment.put("litestream", version(Tools.litestream(), "version"));
		return environment;
	}

	private static String version(Path program, String flag) throws IOException {
		String answer = ChildProcess.output(Duration.ofSeconds(20), List.of(program.toString(), flag)).trim();
		return answer.substring(answer.lastIndexOf(' ') + 1).replaceFirst("^v", "");
	}

	private static String firstOf(String file, String key) throws IOException {
		return Files.readAllLines(Path.of(file), StandardCharsets.UTF_8)
			.stream()
			.filter((line) -> line.startsWith(key))
			.map((line) -> line.substring(line.indexOf(':') + 1).trim())
			.findFirst()
			.orElse("0");
	}

}
