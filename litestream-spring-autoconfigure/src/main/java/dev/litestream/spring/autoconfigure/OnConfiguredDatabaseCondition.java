package dev.litestream.spring.autoconfigure;

import java.util.Collections;
import java.util.List;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.IgnoreTopLevelConverterNotFoundBindHandler;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if {@code litestream.dbs} holds a database, or {@code litestream.replica} says
 * where to replicate the application's only one.
 */
class OnConfiguredDatabaseCondition extends SpringBootCondition {

	private static final Bindable<List<DatabaseProperties>> DATABASES = Bindable.listOf(DatabaseProperties.class);

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Litestream databases");
		Binder binder = Binder.get(context.getEnvironment());
		List<?> databases = binder.bind("litestream.dbs", DATABASES).orElse(Collections.emptyList());
		if (databases.isEmpty()) {
			return binder
				.bind("litestream.replica", Bindable.of(ReplicaProperties.class),
						new IgnoreTopLevelConverterNotFoundBindHandler())
				.isBound() ? ConditionOutcome.match(message.foundExactly("litestream.replica"))
						: ConditionOutcome
							.noMatch(message.didNotFind("any").items("litestream.dbs", "litestream.replica"));
		}
		return ConditionOutcome.match(message.found("database", "databases").items(databases.size()));
	}

}
