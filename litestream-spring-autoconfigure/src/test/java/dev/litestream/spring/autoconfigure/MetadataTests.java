package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What IDEs are told of the properties.
 */
class MetadataTests {

	private final Map<String, Map<?, ?>> properties = new HashMap<>();

	MetadataTests() throws IOException {
		read("META-INF/spring-configuration-metadata.json", "");
		read("META-INF/spring/configuration-metadata/" + DatabaseProperties.class.getName() + ".json", "dbs[].");
	}

	private void read(String resource, String prefix) throws IOException {
		Map<String, Object> metadata = JsonParserFactory.getJsonParser()
			.parseMap(new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8));
		for (Object entry : (List<?>) metadata.get("properties")) {
			this.properties.put(prefix + ((Map<?, ?>) entry).get("name"), (Map<?, ?>) entry);
		}
	}

	/** They are known because a file of Litestream's own can be imported. */
	@ParameterizedTest
	@CsvSource({ "litestream.monitor-interval, litestream.sync-interval",
			"litestream.restore-if-db-not-exists, litestream.restore.on-startup",
			"litestream.replica.sync-interval, litestream.sync-interval",
			"litestream.replica.retention, litestream.snapshot.retention",
			"litestream.replica.snapshot-interval, litestream.snapshot.interval",
			"dbs[].replicas, litestream.dbs[].replica", "dbs[].monitor-interval, litestream.sync-interval",
			"dbs[].replica.retention, litestream.snapshot.retention" })
	void otherNamesAreDeprecated(String name, String replacement) {
		assertThat(this.properties.get(name)).as(name).isNotNull().satisfies((property) -> {
			assertThat(property.get("deprecated")).isEqualTo(true);
			assertThat(((Map<?, ?>) property.get("deprecation")).get("replacement")).isEqualTo(replacement);
		});
		assertThat(KnownKeys.of(LitestreamProperties.class)
			.canonical(ConfigurationPropertyName.of(replacement.replace("[]", "[0]")).subName(1))).isNotNull();
	}

	@ParameterizedTest
	@CsvSource({ "management.health.litestream.enabled, true", "management.info.litestream.enabled, false" })
	void switchesOfTheActuatorAreKnown(String name, boolean value) {
		assertThat(this.properties.get(name)).as(name).isNotNull().satisfies((property) -> {
			assertThat(property.get("type")).isEqualTo("java.lang.Boolean");
			assertThat(property.get("defaultValue")).isEqualTo(value);
			assertThat(String.valueOf(property.get("description"))).startsWith("Whether ").endsWith(".");
		});
	}

	@Test
	void defaultOfTheLevelsCanBeWritten() {
		Object value = this.properties.get("litestream.levels").get("defaultValue");
		assertThat(value).isInstanceOf(List.class);
		assertThat(((List<?>) value).stream()
			.map((interval) -> new LitestreamProperties.Level(String.valueOf(interval)).getInterval()))
			.isEqualTo(new LitestreamProperties().getLevels()
				.stream()
				.map(LitestreamProperties.Level::getInterval)
				.toList());
	}

}
