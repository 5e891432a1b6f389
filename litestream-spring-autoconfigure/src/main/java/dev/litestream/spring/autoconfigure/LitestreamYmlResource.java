package dev.litestream.spring.autoconfigure;

import org.springframework.boot.context.config.ConfigDataResource;
import org.springframework.core.io.Resource;

/**
 * A {@code litestream.yml} of the original to import.
 */
class LitestreamYmlResource extends ConfigDataResource {

	private final Resource resource;

	LitestreamYmlResource(Resource resource) {
		this.resource = resource;
	}

	Resource resource() {
		return this.resource;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof LitestreamYmlResource yml && this.resource.equals(yml.resource);
	}

	@Override
	public int hashCode() {
		return this.resource.hashCode();
	}

	@Override
	public String toString() {
		return "litestream:" + this.resource.getDescription();
	}

}
