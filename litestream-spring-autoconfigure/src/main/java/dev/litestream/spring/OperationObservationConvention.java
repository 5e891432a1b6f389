package dev.litestream.spring;

import java.nio.file.Path;
import java.util.Locale;

import dev.litestream.OperationOutcome;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and keys of observed operations: {@code litestream.operation} with the low
 * cardinality keys {@code database} (its name), {@code db} (its path, as meters have it),
 * {@code operation} ({@code restore}, {@code snapshot}, {@code compaction},
 * {@code verification}) and {@code outcome} ({@code succeeded}, {@code failed},
 * {@code skipped}; {@code running} until it has ended). To change them, extend this class
 * and declare a bean of it.
 */
public class OperationObservationConvention implements ObservationConvention<OperationObservationContext> {

	/** The name of the observations. */
	public static final String NAME = "litestream.operation";

	@Override
	public String getName() {
		return NAME;
	}

	@Override
	public String getContextualName(OperationObservationContext context) {
		return "litestream " + lower(context.getOperation()) + " " + context.getDatabase();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(OperationObservationContext context) {
		OperationOutcome outcome = context.getOutcome();
		Path path = context.getPath();
		return KeyValues.of("database", context.getDatabase(), "db",
				(path != null) ? path.toString() : KeyValue.NONE_VALUE, "operation", lower(context.getOperation()),
				"outcome", (outcome != null) ? lower(outcome) : "running");
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof OperationObservationContext;
	}

	static String lower(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

}
