package dev.litestream.spring.autoconfigure;

import java.util.Collections;
import java.util.List;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if {@code litestream.dbs} holds a database.
 */
class OnConfiguredDatabaseCondition extends SpringBootCondition {

	private static final Bindable<List<LitestreamProperties.Database>> DATABASES = Bindable
		.listOf(LitestreamProperties.Database.class);

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Litestream databases");
		List<?> databases = Binder.get(context.getEnvironment())
			.bind("litestream.dbs", DATABASES)
			.orElse(Collections.emptyList());
		if (databases.isEmpty()) {
			return ConditionOutcome.noMatch(message.didNotFind("any").items("litestream.dbs"));
		}
		return ConditionOutcome.match(message.found("database", "databases").items(databases.size()));
	}

}
