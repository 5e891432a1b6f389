package dev.litestream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one call of the command has found.
 *
 * @param date when it began, ISO-8601
 * @param environment the machine and the programs
 * @param options what was asked for
 * @param figures the figures
 */
record Result(String date, Map<String, String> environment, Options options, List<Figure> figures) {

	private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	void write(Path file) throws IOException {
		Files.createDirectories(file.toAbsolutePath().getParent());
		Files.writeString(file, JSON.writeValueAsString(this) + "\n");
	}

	static Result read(Path file) throws IOException {
		return JSON.readValue(Files.readString(file), Result.class);
	}

}
