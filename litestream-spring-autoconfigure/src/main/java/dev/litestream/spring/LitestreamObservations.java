package dev.litestream.spring;

import java.nio.file.Path;
import java.util.function.Supplier;

import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.ReplicationEvent;
import dev.litestream.ReplicationListener;
import dev.litestream.engine.LitestreamEngine;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Observes the engine's long operations. Only from when the application's beans are
 * there: a registry may need beans that must not be created before databases are
 * restored. So the restore at the start is not among them; {@link LitestreamMetrics} has
 * it.
 */
public class LitestreamObservations implements ReplicationListener, SmartInitializingSingleton {

	private static final OperationObservationConvention DEFAULT = new OperationObservationConvention();

	private final Supplier<@Nullable ObservationRegistry> registrySource;

	private final Supplier<@Nullable OperationObservationConvention> conventionSource;

	private final Supplier<@Nullable LitestreamEngine> engineSource;

	private volatile ObservationRegistry registry = ObservationRegistry.NOOP;

	private volatile @Nullable OperationObservationConvention convention;

	private volatile @Nullable LitestreamEngine engine;

	/**
	 * Creates a listener that observes nothing yet.
	 * @param registry gives the registry, asked once all singletons are there
	 * @param convention gives the convention that is used instead of the default
	 * @param engine gives the engine that tells of operations, which knows the files
	 */
	public LitestreamObservations(Supplier<@Nullable ObservationRegistry> registry,
			Supplier<@Nullable OperationObservationConvention> convention,
			Supplier<@Nullable LitestreamEngine> engine) {
		this.registrySource = registry;
		this.conventionSource = convention;
		this.engineSource = engine;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.convention = this.conventionSource.get();
		this.engine = this.engineSource.get();
		ObservationRegistry registry = this.registrySource.get();
		if (registry != null) {
			this.registry = registry;
		}
	}

	@Override
	public void onEvent(ReplicationEvent event) {
		// only operations are observed
	}

	@Override
	public OperationEnd begun(String database, Operation operation) {
		OperationObservationContext context = new OperationObservationContext(database, pathOf(database), operation);
		Observation observation = Observation.createNotStarted(this.convention, DEFAULT, () -> context, this.registry)
			.start();
		Observation.Scope scope = observation.openScope();
		return (outcome, failure) -> {
			context.setOutcome(outcome);
			if (failure != null) {
				observation.error(failure);
			}
			scope.close();
			observation.stop();
		};
	}

	private @Nullable Path pathOf(String database) {
		LitestreamEngine engine = this.engine;
		return (engine != null) ? engine.pathOf(database) : null;
	}

}
