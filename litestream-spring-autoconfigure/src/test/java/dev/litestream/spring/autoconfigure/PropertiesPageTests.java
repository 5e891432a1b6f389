package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds code and guides together: each key is documented, and each documented key exists.
 * With {@code -Dupdate} the generated page is written anew.
 */
class PropertiesPageTests {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Path PAGE = ROOT.resolve("docs/properties.md");

	private static final KnownKeys KNOWN = KnownKeys.of(LitestreamProperties.class);

	/** But not a call of Java's. */
	private static final Pattern FULL_NAME = Pattern
		.compile("(?<![\\w./:@-])litestream(?:\\.[a-z0-9][a-z0-9-]*+(?:\\[\\d*])?)++(?!\\()");

	/** What may follow {@code litestream.} and is no key. */
	private static final Set<String> OTHERS = Set.of("litestream.yml", "litestream.io", "litestream.sock");

	/** A key in the guides' tables and text, without what stands before it. */
	private static final Pattern SHORT_NAME = Pattern.compile(
			"`((?:dbs\\[\\d*]|levels\\[\\d*]|replica|bucket|restore|snapshot|verification|retention|health|ssl|placement|doctor|datasource)"
					+ "\\.[a-z0-9.\\[\\]-]+)(?:[:=][^`]*)?`");

	/** A table of keys, of which the first column names one or more. */
	private static final Pattern KEY_TABLE = Pattern.compile("(?m)^\\| key \\|.*\\R\\|[-| ]+\\R((?:\\|.*(?:\\R|$))+)");

	private static final Pattern FIRST_COLUMN = Pattern.compile("(?m)^\\| *([^|]*)\\|");

	private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

	private static final Pattern YAML = Pattern.compile("(?m)^( *)```ya?ml\\n(.*?)^ *```", Pattern.DOTALL);

	private final PropertiesPage page = new PropertiesPage();

	@Test
	void everyKeyIsDescribed() {
		Set<String> undocumented = new TreeSet<>(KNOWN.leaves());
		undocumented.removeIf((key) -> {
			PropertiesPage.Property property = this.page.properties().get(key);
			String description = (property != null) ? property.description() : null;
			return description != null && description.matches("[A-Z\\W].*\\.")
					&& (!property.isBoolean() || description.startsWith("Whether "))
					&& !description.matches("(The|A) .*");
		});
		assertThat(undocumented)
			.as("keys without a Javadoc that is a sentence, begins with 'Whether' for a boolean and not with 'The' or 'A'")
			.isEmpty();
	}

	@Test
	void everyDescribedKeyIsKnownAtStart() {
		assertThat(this.page.properties().keySet()).isSubsetOf(withGroups())
			.as("keys that UnknownKeysPostProcessor would refuse: put them below LitestreamProperties");
	}

	@Test
	void pageIsWhatTheCodeSays() throws IOException {
		String page = this.page.write();
		if (System.getProperty("update") != null) {
			Files.writeString(PAGE, page);
		}
		assertThat(PAGE).as("generated, write it anew with -Dupdate").content().isEqualTo(page);
	}

	@Test
	void pageHasEveryKey() {
		this.page.write();
		Set<String> missing = new TreeSet<>(KNOWN.leaves());
		missing.removeIf((key) -> this.page.written().contains(key)
				|| this.page.written().contains(key.replaceFirst("^dbs\\[]\\.(replicas\\[]\\.|replica\\.)", "replica."))
				|| this.page.written().contains(key.replaceFirst("^dbs\\[]\\.", "")));
		assertThat(missing).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("guides")
	void guidesNameKeysThatExist(Path guide) throws IOException {
		// the guides show what is said about a key that does not exist
		String text = Files.readString(guide).replaceAll("'litestream[^']*' is not known", "");
		Set<String> unknown = new TreeSet<>();
		Set<String> literals = literals();
		for (MatchResult match : FULL_NAME.matcher(text).results().toList()) {
			if (!isKnown(match.group()) && !OTHERS.contains(match.group()) && !literals.contains(match.group())) {
				unknown.add(match.group());
			}
		}
		for (MatchResult match : SHORT_NAME.matcher(text).results().toList()) {
			String name = match.group(1);
			if (!isKnownSomewhere(name) && !literals.contains("litestream." + name)) {
				unknown.add(name);
			}
		}
		keysInTables(text).filter((key) -> !isKnownSomewhere(key)).forEach(unknown::add);
		for (String key : keysInYaml(text)) {
			if (!isKnown(key)) {
				unknown.add(key);
			}
		}
		assertThat(unknown).as("what %s takes for keys", guide).isEmpty();
	}

	static List<Path> guides() throws IOException {
		List<Path> guides = new ArrayList<>(List.of(ROOT.resolve("README.md")));
		try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
			docs.filter((file) -> file.toString().endsWith(".md")).sorted().forEach(guides::add);
		}
		return guides;
	}

	/** Also those without a dot, which nothing else in a text shows to be keys. */
	private static Stream<String> keysInTables(String text) {
		return KEY_TABLE.matcher(text)
			.results()
			.flatMap((table) -> FIRST_COLUMN.matcher(table.group(1)).results())
			.flatMap((column) -> QUOTED.matcher(column.group(1)).results())
			.map((key) -> key.group(1).replaceFirst("^litestream\\.", ""));
	}

	private static boolean isKnownSomewhere(String name) {
		return Stream.of("", "dbs[].", "dbs[].restore.", "replica.", "replica.bucket.")
			.anyMatch((prefix) -> isKnown("litestream." + prefix + name));
	}

	private static List<String> keysInYaml(String text) throws IOException {
		List<String> keys = new ArrayList<>();
		Matcher blocks = YAML.matcher(text);
		while (blocks.find()) {
			List<PropertySource<?>> documents = new YamlPropertySourceLoader().load("guide", new ByteArrayResource(
					blocks.group(2).indent(-blocks.group(1).length()).getBytes(StandardCharsets.UTF_8)));
			for (PropertySource<?> document : documents) {
				for (String key : ((EnumerablePropertySource<?>) document).getPropertyNames()) {
					if (key.startsWith("litestream.")) {
						keys.add(key);
					}
					else if (key.matches("(dbs\\[|replica\\.).*")) {
						keys.add("litestream." + key);
					}
				}
			}
		}
		return keys;
	}

	private static boolean isKnown(String key) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key.replace("[]", "[0]"), '.');
		return KNOWN.canonical(name.subName(1)) != null || UpstreamKeys.find(name) != null;
	}

	private static Set<String> withGroups() {
		Set<String> names = new HashSet<>();
		for (String leaf : KNOWN.leaves()) {
			names.add(leaf);
			for (int dot = leaf.indexOf('.'); dot > 0; dot = leaf.indexOf('.', dot + 1)) {
				names.add(leaf.substring(0, dot).replaceFirst("\\[]$", ""));
			}
		}
		return names;
	}

	/**
	 * Names of meters, observations (which Micrometer counts as active ones, too) and the
	 * like, as the code has them.
	 */
	private static Set<String> literals() throws IOException {
		Set<String> literals = new HashSet<>();
		try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
			for (Path source : sources.filter((file) -> file.toString().endsWith(".java")).toList()) {
				Pattern.compile("\"(litestream\\.[a-z0-9.]+)\"")
					.matcher(Files.readString(source))
					.results()
					.forEach((match) -> literals.addAll(List.of(match.group(1), match.group(1) + ".active")));
			}
		}
		return literals;
	}

}
