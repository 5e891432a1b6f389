package dev.litestream.spring.autoconfigure;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import javax.sql.DataSource;

import dev.litestream.engine.LitestreamEngine;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.doctor.SqliteDoctor;
import dev.litestream.test.NatsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

import org.springframework.aot.AotDetector;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.SpringProperties;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.Compiled;
import org.springframework.core.test.tools.SourceFile;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Ahead-of-time processing happens where the application is built, with no database and
 * no replica: it must not restore, and what it generates must.
 */
class AotTests {

	/** Each of these tests has a class loader of its own, and so a driver. */
	private static final String NO_FINDING_OF_OTHER_TESTS = "litestream.doctor.ignore[0]=driver-copies";

	@TempDir
	Path directory;

	/**
	 * The test runs in a class loader of its own, which DriverManager does not search.
	 */
	@BeforeEach
	void registerDriver() throws SQLException {
		DriverManager.registerDriver(new JDBC());
	}

	@AfterEach
	void leaveAotMode() {
		SpringProperties.setProperty(AotDetector.AOT_ENABLED, null);
	}

	@Test
	@CompileWithForkedClassLoader // generated classes use package-private ones
	void processingRestoresNothingAndTheGeneratedContextRestoresFirst() {
		NotesDatabase notes = new NotesDatabase(this.directory).onlyInReplica("milk", "bread");
		generate(notes, (compiled) -> {
			assertThat(notes.path()).doesNotExist();
			assertThat(compiled.getSourceFiles().stream().map(SourceFile::getContent).toList())
				.anySatisfy((source) -> assertThat(source).contains("setDependsOn(\"litestreamEngine\""));
			SpringProperties.setFlag(AotDetector.AOT_ENABLED);
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				configure(context, notes);
				initializer(compiled).initialize(context);
				context.refresh();
				assertThat(context.getBeanDefinition("dataSource").getDependsOn()).containsExactly("litestreamEngine");
				assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk", "bread");
			}
		});
	}

	@Test
	@CompileWithForkedClassLoader
	void generatedContextReplicatesToNatsAndRestoresFromIt() throws Exception {
		NotesDatabase notes = new NotesDatabase(this.directory);
		notes.create(List.of("create table notes (id integer primary key, text varchar(255))"), "milk");
		try (NatsServer server = NatsServer.start()) {
			String[] replica = { "litestream.dbs[0].path=" + notes.path(),
					"litestream.dbs[0].replica.url=" + server.url("aot"),
					"litestream.dbs[0].replica.bucket.create=true", "litestream.datasource.split=true",
					"spring.datasource.url=" + notes.url() };
			// where the application is built, there is no server
			server.stop();
			generate(replica, (compiled) -> {
				server.restart();
				SpringProperties.setFlag(AotDetector.AOT_ENABLED);
				try (GenericApplicationContext context = start(compiled, replica)) {
					NotesDatabase.insert(context.getBean(DataSource.class), "bread");
					assertThat(context.getBean(LitestreamEngine.class).isRunning()).isTrue();
				}
				notes.delete();
				try (GenericApplicationContext context = start(compiled, replica)) {
					assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk", "bread");
					assertThat(context.getBean(SqliteDoctor.class).report().findings()).isEmpty();
				}
			});
		}
	}

	@Test
	@CompileWithForkedClassLoader
	void generatedContextRestoresTheOnlyDataSourceOfTheCommonReplica() {
		NotesDatabase notes = new NotesDatabase(this.directory).onlyInReplica("milk", "bread");
		String[] replica = { "litestream.replica.url=" + notes.replica().toUri(),
				"spring.datasource.url=" + notes.url() };
		generate(replica, (compiled) -> {
			assertThat(notes.path()).doesNotExist();
			SpringProperties.setFlag(AotDetector.AOT_ENABLED);
			try (GenericApplicationContext context = start(compiled, replica)) {
				assertThat(NotesDatabase.notes(context.getBean(DataSource.class))).containsExactly("milk", "bread");
				assertThat(context.getBean(LitestreamEngine.class).isRunning()).isTrue();
			}
		});
	}

	private GenericApplicationContext start(Compiled compiled, String[] properties) {
		GenericApplicationContext context = new GenericApplicationContext();
		TestPropertyValues.of(properties).and(NO_FINDING_OF_OTHER_TESTS).applyTo(context);
		initializer(compiled).initialize(context);
		context.refresh();
		return context;
	}

	private void generate(NotesDatabase notes, Consumer<Compiled> consumer) {
		List<String> properties = new ArrayList<>(List.of(notes.properties()));
		properties.add("spring.datasource.url=" + notes.url());
		generate(properties.toArray(String[]::new), consumer);
	}

	private void generate(String[] properties, Consumer<Compiled> consumer) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues.of(properties).applyTo(context);
			context.register(Application.class);
			TestGenerationContext generation = new TestGenerationContext(Application.class);
			ClassName name = new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			assertThat(name.simpleName()).endsWith("ApplicationContextInitializer");
			generation.writeGeneratedContent();
			TestCompiler.forSystem().with(generation).compile(consumer);
		}
	}

	private void configure(GenericApplicationContext context, NotesDatabase notes) {
		TestPropertyValues.of(notes.properties()).and("spring.datasource.url=" + notes.url()).applyTo(context);
	}

	@SuppressWarnings("unchecked")
	private ApplicationContextInitializer<GenericApplicationContext> initializer(Compiled compiled) {
		return compiled.getInstance(ApplicationContextInitializer.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LitestreamAutoConfiguration.class, SplitDataSourceAutoConfiguration.class,
			SqliteDoctorAutoConfiguration.class, DataSourceAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class })
	static class Application {

	}

}
