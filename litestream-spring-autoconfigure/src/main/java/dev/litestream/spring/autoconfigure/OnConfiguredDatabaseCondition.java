package dev.litestream.spring.autoconfigure;

import java.util.Collections;
import java.util.List;
import java.util.Set;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.bind.handler.IgnoreTopLevelConverterNotFoundBindHandler;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if {@code litestream.dbs} holds a database, or {@code litestream.replica} says
 * where to replicate the application's only one.
 */
class OnConfiguredDatabaseCondition extends SpringBootCondition {

	private static final Bindable<List<DatabaseProperties>> DATABASES = Bindable.listOf(DatabaseProperties.class);

	private static final Bindable<ReplicaProperties> REPLICA = Bindable.of(ReplicaProperties.class);

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Litestream databases");
		Binder binder = Binder.get(context.getEnvironment());
		try {
			List<?> databases = binder.bind("litestream.dbs", DATABASES).orElse(Collections.emptyList());
			if (!databases.isEmpty()) {
				return ConditionOutcome.match(message.found("database", "databases").items(databases.size()));
			}
			Set<String> names = DatabaseNames.in(ConfigurationPropertySources.get(context.getEnvironment())).keySet();
			if (!names.isEmpty()) {
				return ConditionOutcome.match(message.found("database", "databases").items(names));
			}
			if (binder.bind("litestream.replica", REPLICA, new IgnoreTopLevelConverterNotFoundBindHandler())
				.isBound()) {
				return ConditionOutcome.match(message.foundExactly("litestream.replica"));
			}
			return ConditionOutcome.noMatch(message.didNotFind("any").items("litestream.dbs", "litestream.replica"));
		}
		catch (BindException ex) {
			// the engine factory explains the failure
			return ConditionOutcome.match(message.because("what is configured cannot be bound"));
		}
	}

}
