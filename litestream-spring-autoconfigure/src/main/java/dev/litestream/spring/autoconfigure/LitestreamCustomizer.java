package dev.litestream.spring.autoconfigure;

import dev.litestream.engine.LitestreamEngine;

/**
 * Callback for beans that change how the engine is built, after the properties were
 * applied: more databases, listeners, limits. Called in the order of the beans. The
 * engine is created before anything that may open a database, and so are these beans:
 * they must not need a DataSource.
 */
@FunctionalInterface
public interface LitestreamCustomizer {

	/**
	 * Changes how the engine is built.
	 * @param builder the builder, to be changed
	 */
	void customize(LitestreamEngine.Builder builder);

}
