package dev.litestream.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestContextManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The test framework keeps the contexts of test classes and pauses those that are not in
 * use: replication stops, and comes back when a class uses the context again.
 */
class PausedContextTests {

	private static final List<String> SCHEMA = List
		.of("create table notes (id integer primary key, text varchar(255))");

	@TempDir
	static Path directory;

	private final TestContextManager first = new TestContextManager(FirstApplication.class);

	private final TestContextManager second = new TestContextManager(SecondApplication.class);

	@AfterEach
	void closeContexts() {
		this.first.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
		this.second.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
	}

	@Test
	void replicationStopsAndComesBackWithItsContext() throws Exception {
		NotesDatabase notes = notes("first");
		notes.create(SCHEMA, "milk");
		notes("second").create(SCHEMA, "salt");
		ApplicationContext context = enter(this.first, new FirstApplication());
		LitestreamEngine engine = context.getBean(LitestreamEngine.class);
		ReplicatedDatabase database = engine.databases().get(0);
		assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
		long resyncs = database.status().counters().resyncs();
		NotesDatabase.insert(context.getBean(DataSource.class), "before the pause");
		this.first.afterTestClass();

		ApplicationContext other = enter(this.second, new SecondApplication());
		assertThat(other).isNotSameAs(context);
		assertThat(other.getBean(LitestreamEngine.class).isRunning()).isTrue();
		assertThat(engine.isRunning()).isFalse();
		assertThat(notes.notesInReplica()).containsExactly("milk", "before the pause");
		NotesDatabase.insert(context.getBean(DataSource.class), "in the pause");
		this.second.afterTestClass();

		assertThat(enter(this.first, new FirstApplication())).isSameAs(context);
		assertThat(engine.isRunning()).isTrue();
		NotesDatabase.insert(context.getBean(DataSource.class), "after the pause");
		assertThat(database.sync(Duration.ofSeconds(30))).isTrue();
		assertThat(notes.notesInReplica()).containsExactly("milk", "before the pause", "in the pause",
				"after the pause");
		assertThat(database.status().counters().resyncs()).isEqualTo(resyncs);
		assertThat(context.getBean(Litestream.class)).isSameAs(engine);
		this.first.afterTestClass();
	}

	private static ApplicationContext enter(TestContextManager manager, Object test) throws Exception {
		manager.beforeTestClass();
		manager.prepareTestInstance(test);
		return manager.getTestContext().getApplicationContext();
	}

	private static NotesDatabase notes(String name) {
		return new NotesDatabase(directory, name);
	}

	private static void register(DynamicPropertyRegistry registry, String name) {
		for (String property : notes(name).properties()) {
			int equals = property.indexOf('=');
			registry.add(property.substring(0, equals), () -> property.substring(equals + 1));
		}
		registry.add("litestream.dbs[0].sync-interval", () -> "1h");
		registry.add("spring.datasource.url", notes(name)::url);
	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	static class FirstApplication {

		@DynamicPropertySource
		static void properties(DynamicPropertyRegistry registry) {
			register(registry, "first");
		}

	}

	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE)
	static class SecondApplication {

		@DynamicPropertySource
		static void properties(DynamicPropertyRegistry registry) {
			register(registry, "second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Application {

	}

}
