package dev.litestream.spring;

import java.util.HashMap;
import java.util.Map;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Adapts what a DataSource routes to; these need not be beans. Apart from its only user
 * so that spring-jdbc may be absent.
 */
final class RoutedDataSources {

	private RoutedDataSources() {
	}

	/**
	 * Adapts the targets, if they are known yet: from the initialization of the router
	 * on.
	 */
	static void configure(AbstractRoutingDataSource routing, DataSourceAdapter adapter) {
		Map<Object, DataSource> targets = resolved(routing);
		if (targets == null) {
			return;
		}
		Map<Object, Object> adapted = new HashMap<>();
		targets.forEach((key, target) -> adapted.put(key, adapter.adapt(target)));
		DataSource target = routing.getResolvedDefaultDataSource();
		DataSource adaptedTarget = (target != null) ? adapter.adapt(target) : null;
		if (!adapted.equals(targets) || adaptedTarget != target) {
			routing.setTargetDataSources(adapted);
			if (adaptedTarget != null) {
				routing.setDefaultTargetDataSource(adaptedTarget);
			}
			routing.initialize();
		}
	}

	private static @Nullable Map<Object, DataSource> resolved(AbstractRoutingDataSource routing) {
		try {
			return routing.getResolvedDataSources();
		}
		catch (IllegalStateException ex) {
			return null;
		}
	}

}
