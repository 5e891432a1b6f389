package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.Litestream;
import dev.litestream.ReplicatedDatabase;
import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.LitestreamDataSourcePostProcessor;
import dev.litestream.spring.LitestreamLifecycle;
import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamAutoConfigurationTests {

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class));

	@Test
	void backsOffWithoutDatabases() {
		this.context.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(LitestreamEngine.class)
			.doesNotHaveBean(LitestreamLifecycle.class)
			.doesNotHaveBean(LitestreamDataSourcePostProcessor.class));
	}

	@Test
	void backsOffWhenDisabled() {
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties())
			.withPropertyValues("litestream.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LitestreamEngine.class)
				.doesNotHaveBean(LitestreamLifecycle.class)
				.doesNotHaveBean(LitestreamDataSourcePostProcessor.class)
				.doesNotHaveBean(LitestreamProperties.class));
	}

	@Test
	void invalidPropertiesDoNotMatterWhenDisabled() {
		this.context.withPropertyValues("litestream.enabled=false", "litestream.dbs[0].path=:memory:")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void replicatesConfiguredDatabases() {
		NotesDatabase first = new NotesDatabase(this.directory, "first");
		NotesDatabase second = new NotesDatabase(this.directory, "second");
		this.context.withPropertyValues(first.properties(0))
			.withPropertyValues(second.properties(1))
			.withPropertyValues("litestream.dbs[1].name=other")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(LitestreamLifecycle.class);
				assertThat(context.getBean(LitestreamLifecycle.class).isRunning()).isTrue();
				assertThat(context.getBean(Litestream.class).databases()).extracting(ReplicatedDatabase::name)
					.containsExactly("first.db", "other");
			});
	}

	@Test
	void databasesMayComeFromTheEnvironmentOfTheProcess() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		this.context
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new org.springframework.core.env.SystemEnvironmentPropertySource("systemEnvironment",
						java.util.Map.of("LITESTREAM_DBS_0_PATH", notes.path().toString(),
								"LITESTREAM_DBS_0_REPLICA_URL", notes.replica().toUri().toString()))))
			.run((context) -> assertThat(context.getBean(Litestream.class).databases()).hasSize(1));
	}

	@Test
	void engineOfTheApplicationWins() {
		this.context.withUserConfiguration(OwnEngine.class)
			.withPropertyValues(new NotesDatabase(this.directory).properties())
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(LitestreamEngine.class).hasBean("ownEngine");
				assertThat(context.getBean(LitestreamLifecycle.class).isRunning()).isTrue();
			});
	}

	@Test
	void engineIsClosedWithTheContext() {
		LitestreamEngine[] engine = new LitestreamEngine[1];
		this.context.withPropertyValues(new NotesDatabase(this.directory).properties()).run((context) -> {
			engine[0] = context.getBean(LitestreamEngine.class);
			assertThat(engine[0].isRunning()).isTrue();
		});
		assertThat(engine[0].isRunning()).isFalse();
	}

	@Test
	void lifecycleCanBeRestarted() {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(java.util.List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		this.context.withPropertyValues(notes.properties()).run((context) -> {
			LitestreamLifecycle lifecycle = context.getBean(LitestreamLifecycle.class);
			lifecycle.stop();
			assertThat(lifecycle.isRunning()).isFalse();
			lifecycle.start();
			assertThat(lifecycle.isRunning()).isTrue();
			assertThat(context.getBean(Litestream.class).databases().get(0).sync(Duration.ofSeconds(30))).isTrue();
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnEngine {

		@Bean
		LitestreamEngine ownEngine() {
			return LitestreamEngine.builder().build();
		}

	}

}
