package dev.litestream.spring.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

/**
 * Loads a {@code litestream.yml} as properties of the application: variables are replaced
 * in its text, as the original does it, then it is read as any YAML file of Spring Boot,
 * with the line of each value, and {@link LitestreamYml} gives the keys their names here.
 */
class LitestreamYmlLoader implements ConfigDataLoader<LitestreamYmlResource> {

	private final Log logger;

	LitestreamYmlLoader(DeferredLogFactory logs) {
		this.logger = logs.getLog(LitestreamYmlLoader.class);
	}

	@Override
	public ConfigData load(ConfigDataLoaderContext context, LitestreamYmlResource yml) throws IOException {
		Resource resource = yml.resource();
		String name = yml.toString();
		VariableExpansion expansion = new VariableExpansion(LitestreamYmlLoader::variable);
		String text = expansion.expand(resource.getContentAsString(StandardCharsets.UTF_8));
		if (!expansion.missing().isEmpty()) {
			this.logger.warn(name + " names variables that are not set in the environment and count as empty: "
					+ String.join(", ", expansion.missing()));
		}
		List<PropertySource<?>> documents = new YamlPropertySourceLoader().load(name, new Expanded(text, resource));
		if (documents.isEmpty()) {
			return ConfigData.EMPTY;
		}
		// of several documents the original reads the first
		Map<String, Object> properties = new LitestreamYml(this.logger)
			.properties((EnumerablePropertySource<?>) documents.get(0));
		return new ConfigData(List.of(new OriginTrackedMapPropertySource(name, properties, true)));
	}

	private static @Nullable String variable(String name) {
		return name.equals("PID") ? Long.toString(ProcessHandle.current().pid()) : System.getenv(name);
	}

	/** The text with its variables replaced, called by the name of its file. */
	private static final class Expanded extends ByteArrayResource {

		private final Resource original;

		Expanded(String text, Resource original) {
			super(text.getBytes(StandardCharsets.UTF_8));
			this.original = original;
		}

		@Override
		public String getDescription() {
			return this.original.getDescription();
		}

		@Override
		public @Nullable String getFilename() {
			return this.original.getFilename();
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Expanded expanded && super.equals(other) && this.original.equals(expanded.original);
		}

		@Override
		public int hashCode() {
			return this.original.hashCode();
		}

	}

}
