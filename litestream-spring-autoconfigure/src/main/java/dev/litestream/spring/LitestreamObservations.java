package dev.litestream.spring;

import java.util.function.Supplier;

import dev.litestream.Operation;
import dev.litestream.OperationEnd;
import dev.litestream.ReplicationListener;
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

	private volatile ObservationRegistry registry = ObservationRegistry.NOOP;

	private volatile @Nullable OperationObservationConvention convention;

	/**
	 * Creates a listener that observes nothing yet.
	 * @param registry gives the registry, asked once all singletons are there
	 * @param convention gives the convention that is used instead of the default
	 */
	public LitestreamObservations(Supplier<@Nullable ObservationRegistry> registry,
			Supplier<@Nullable OperationObservationConvention> convention) {
		this.registrySource = registry;
		this.conventionSource = convention;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.convention = this.conventionSource.get();
		ObservationRegistry registry = this.registrySource.get();
		if (registry != null) {
			this.registry = registry;
		}
	}

	@Override
	public OperationEnd begun(String database, Operation operation) {
		OperationObservationContext context = new OperationObservationContext(database, operation);
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

}
