package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.util.List;

import javax.sql.DataSource;

import dev.litestream.Litestream;
import dev.litestream.spring.NotesDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A DataSource that is used while beans are still being defined: before properties are
 * bound to beans, and before anything can be put below it.
 */
class EarlyDataSourceTests {

	@TempDir
	Path directory;

	@Test
	void isRestoredBeforeBeanFactoryPostProcessorReads() {
		run(Early.class);
	}

	@Test
	void isRestoredBeforeTheVeryFirstBeanFactoryPostProcessorReads() {
		run(VeryEarly.class);
	}

	private void run(Class<? extends Early> type) {
		NotesDatabase notes = new NotesDatabase(this.directory).onlyInReplica("milk", "bread");
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class))
			.withUserConfiguration(Application.class)
			.withBean(type)
			.withPropertyValues(notes.properties())
			.withPropertyValues("test.url=" + notes.url())
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Early.class).seen).containsExactly("milk", "bread");
				assertThat(context.getBean(Litestream.class).databases()).hasSize(1);
				NotesDatabase.insert(context.getBean(DataSource.class), "butter");
			});
		assertThat(notes.notesInReplica()).containsExactly("milk", "bread", "butter");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		DataSource dataSource(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("test.url"));
		}

	}

	static class Early implements BeanFactoryPostProcessor {

		private List<String> seen = List.of();

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
			this.seen = NotesDatabase.notes(beanFactory.getBean(DataSource.class));
		}

	}

	static class VeryEarly extends Early implements PriorityOrdered {

		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

	}

}
