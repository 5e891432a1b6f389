package dev.litestream.spring.autoconfigure;

import java.util.List;

import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;
import org.springframework.boot.context.config.ConfigDataResourceNotFoundException;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ResourceUtils;

/**
 * Resolves {@code spring.config.import=litestream:litestream.yml}. What is no
 * {@code classpath:} or {@code file:} location is a path, which starts at the working
 * directory unless it is absolute.
 */
class LitestreamYmlLocationResolver implements ConfigDataLocationResolver<LitestreamYmlResource> {

	private static final String PREFIX = "litestream:";

	private final ResourceLoader resourceLoader;

	LitestreamYmlLocationResolver(ResourceLoader resourceLoader) {
		this.resourceLoader = resourceLoader;
	}

	@Override
	public boolean isResolvable(ConfigDataLocationResolverContext context, ConfigDataLocation location) {
		return location.hasPrefix(PREFIX);
	}

	@Override
	public List<LitestreamYmlResource> resolve(ConfigDataLocationResolverContext context, ConfigDataLocation location) {
		String path = location.getNonPrefixedValue(PREFIX);
		Resource resource = ResourceUtils.isUrl(path) ? this.resourceLoader.getResource(path)
				: new FileSystemResource(LitestreamYml.expandHome(path));
		LitestreamYmlResource result = new LitestreamYmlResource(resource);
		ConfigDataResourceNotFoundException.throwIfDoesNotExist(result, resource);
		return List.of(result);
	}

}
