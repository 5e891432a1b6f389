package dev.litestream.spring.autoconfigure.actuate;

import java.nio.file.Path;

import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.actuate.LitestreamEndpoint.DatabaseDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.DatabasesDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.LtxFilesDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.OperationDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint.RestorePointsDescriptor;
import dev.litestream.spring.actuate.LitestreamEndpoint;
import dev.litestream.spring.actuate.LitestreamEndpointWebExtension;
import dev.litestream.spring.actuate.LitestreamInfoContributor;
import dev.litestream.spring.autoconfigure.LitestreamAutoConfiguration;
import dev.litestream.spring.doctor.Finding;
import dev.litestream.spring.doctor.SqliteReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;

import static org.assertj.core.api.Assertions.assertThat;

class LitestreamEndpointAutoConfigurationTests {

	@TempDir
	Path directory;

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LitestreamAutoConfiguration.class,
				LitestreamEndpointAutoConfiguration.class, LitestreamInfoContributorAutoConfiguration.class));

	@Test
	void endpointIsThereOnceItIsExposed() {
		String[] database = new NotesDatabase(this.directory).properties();
		this.context.withPropertyValues(database)
			.run((context) -> assertThat(context).doesNotHaveBean(LitestreamEndpoint.class));
		this.context.withPropertyValues(database)
			.withPropertyValues("management.endpoints.web.exposure.include=litestream")
			.run((context) -> assertThat(context).hasSingleBean(LitestreamEndpoint.class)
				.hasSingleBean(LitestreamEndpointWebExtension.class));
	}

	@Test
	void nothingOfItIsThereWithoutDatabases() {
		this.context
			.withPropertyValues("management.endpoints.web.exposure.include=litestream",
					"management.info.litestream.enabled=true")
			.run((context) -> assertThat(context).doesNotHaveBean(LitestreamEndpoint.class)
				.doesNotHaveBean(LitestreamInfoContributor.class));
	}

	@Test
	void infoIsThereOnceItIsEnabled() {
		String[] database = new NotesDatabase(this.directory).properties();
		this.context.withPropertyValues(database)
			.run((context) -> assertThat(context).doesNotHaveBean(LitestreamInfoContributor.class));
		this.context.withPropertyValues(database)
			.withPropertyValues("management.info.litestream.enabled=true")
			.run((context) -> assertThat(context).hasSingleBean(LitestreamInfoContributor.class));
	}

	@Test
	void answersCanBeWrittenInNativeImages() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues.of(new NotesDatabase(this.directory).properties())
				.and("management.endpoints.web.exposure.include=litestream")
				.applyTo(context);
			context.register(Application.class);
			TestGenerationContext generation = new TestGenerationContext(Application.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			RuntimeHints hints = generation.getRuntimeHints();
			for (Class<?> type : new Class<?>[] { DatabasesDescriptor.class, DatabaseDescriptor.class,
					DatabaseDescriptor.DatabaseSummary.class, SqliteReport.class, Finding.class,
					LtxFilesDescriptor.class, LtxFilesDescriptor.File.class, RestorePointsDescriptor.class,
					RestorePointsDescriptor.Point.class, OperationDescriptor.class,
					LitestreamEndpointWebExtension.Problem.class }) {
				assertThat(RuntimeHintsPredicates.reflection().onType(type)).as(type.getName()).accepts(hints);
			}
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, LitestreamEndpointAutoConfiguration.class })
	static class Application {

	}

}
