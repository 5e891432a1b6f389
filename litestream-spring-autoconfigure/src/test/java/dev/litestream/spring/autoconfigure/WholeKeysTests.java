package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Messages of the modules that know nothing of Spring name keys that can be copied.
 */
class WholeKeysTests {

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	private static final Pattern LITERAL = Pattern.compile("(?m)^(?!\\s*(?:\\*|//|/\\*)).*?\"((?:[^\"\\\\]|\\\\.)*)\"");

	private static final Pattern SHORT_KEY = Pattern
		.compile("(?<![\\w.-])(?:replica|restore|dbs\\[]|bucket|snapshot|verification)(?:\\.[a-z][a-z0-9-]*)+");

	@ParameterizedTest
	@ValueSource(strings = { "litestream-core", "litestream-nats" })
	void messagesNameWholeKeys(String module) throws IOException {
		List<String> found = new ArrayList<>();
		try (Stream<Path> sources = Files.walk(Path.of("..", module, "src/main/java"))) {
			for (Path source : sources.filter((file) -> file.toString().endsWith(".java")).toList()) {
				for (MatchResult literal : LITERAL.matcher(Files.readString(source)).results().toList()) {
					SHORT_KEY.matcher(literal.group(1))
						.results()
						.map(MatchResult::group)
						.filter(WholeKeysTests::isKey)
						.forEach((key) -> found.add(source.getFileName() + ": " + key));
				}
			}
		}
		assertThat(found).as("write litestream. before").isEmpty();
	}

	private static boolean isKey(String text) {
		return Stream.of("", "replica.")
			.anyMatch((group) -> KNOWN
				.canonical(ConfigurationPropertyName.of((group + text).replace("[]", "[0]"))) != null);
	}

}
