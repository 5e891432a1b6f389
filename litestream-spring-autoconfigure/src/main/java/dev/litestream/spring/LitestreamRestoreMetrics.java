package dev.litestream.spring;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.RestoreResult;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * {@link MeterBinder} of the restores at the start of the application, which happen
 * before there is a registry that could observe them. They are recorded in the timer
 * {@code litestream.operation}, as {@link LitestreamObservations} records later ones.
 */
public class LitestreamRestoreMetrics implements MeterBinder {

	private final Litestream litestream;

	/**
	 * Creates a binder.
	 * @param litestream the databases
	 */
	public LitestreamRestoreMetrics(Litestream litestream) {
		this.litestream = litestream;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (ReplicatedDatabase database : this.litestream.databases()) {
			RestoreResult restore = database.startupRestore();
			if (restore != null) {
				Timer.builder("litestream.operation")
					.tags("database", database.name(), "db", database.path().toString(), "operation", "restore",
							"outcome", "succeeded", "error", "none")
					.register(registry)
					.record(restore.took());
			}
		}
	}

}
