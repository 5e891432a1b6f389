package dev.litestream.spring.test;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.litestream.Litestream;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Points a context at its own database and replica. A record, because equal customizers
 * let contexts be shared.
 */
record ReplicatedDatabaseContextCustomizer(TestReplica replica, String name,
		String urlProperty) implements ContextCustomizer {

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		DefaultListableBeanFactory beans = (DefaultListableBeanFactory) context.getBeanFactory();
		ReplicatedTestDatabase database = ReplicatedTestDatabase.create(this.replica, this.name,
				beans.getBeanProvider(Litestream.class));
		Map<String, Object> properties = new LinkedHashMap<>();
		properties.put(this.urlProperty, database.url());
		// a slice would put an embedded database in its place
		properties.put("spring.test.database.replace", "NONE");
		database.replica().forEach((key, value) -> properties.put("litestream.dbs[0].replica." + key, value));
		properties.put("litestream.dbs[0].path", database.path().toString());
		// with its own URL, so that credentials stay with the servers they are for
		properties.put("litestream.replica.url", "nats://replaced.invalid/by-the-test");
		// what an application asks of its cluster, one server or directory cannot give
		properties.put("litestream.replica.require-durability", "");
		properties.put("litestream.replica.bucket.replicas", "1");
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("replicated test database", properties));
		// the first singleton, so that it is the last to be destroyed
		String bean = "replicatedTestDatabase";
		beans.registerSingleton(bean, database);
		beans.registerDisposableBean(bean, database::close);
	}

}
