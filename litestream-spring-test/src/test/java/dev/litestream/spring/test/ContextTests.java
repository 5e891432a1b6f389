package dev.litestream.spring.test;

import java.nio.file.Path;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.TestContextManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Which contexts share a database, and what is left of it.
 */
class ContextTests {

	@Test
	void equalAnnotationsShareTheContext() {
		assertThat(context(One.class)).isSameAs(context(Same.class)).isNotSameAs(context(Other.class));
	}

	@Test
	void nothingIsLeftWhenTheContextIsClosed() {
		ConfigurableApplicationContext context = context(ToBeClosed.class);
		ReplicatedTestDatabase database = context.getBean(ReplicatedTestDatabase.class);
		Path directory = database.path().getParent();
		assertThat(database.path()).exists();
		context.close();
		assertThat(directory).doesNotExist();
		assertThat(database.natsServer().isRunning()).isFalse();
	}

	@Test
	void annotationOfTheEnclosingClassCounts() {
		assertThat(context(Other.Inner.class).getBean(ReplicatedTestDatabase.class).path()).hasFileName("other.db");
	}

	@Test
	void classesWithoutTheAnnotationAreLeftAlone() {
		assertThat(context(None.class).getBeanProvider(ReplicatedTestDatabase.class).getIfAvailable()).isNull();
	}

	@Test
	void switchedOffReplicationIsSaid() {
		ReplicatedTestDatabase database = context(SwitchedOff.class).getBean(ReplicatedTestDatabase.class);
		assertThatIllegalStateException().isThrownBy(database::restore).withMessageContaining("litestream.enabled");
	}

	private static ConfigurableApplicationContext context(Class<?> testClass) {
		return (ConfigurableApplicationContext) new TestContextManager(testClass).getTestContext()
			.getApplicationContext();
	}

	@SpringBootTest(classes = NotesApplication.class)
	@AutoConfigureReplicatedDatabase(name = "one.db")
	static class One {

	}

	@SpringBootTest(classes = NotesApplication.class)
	@AutoConfigureReplicatedDatabase(name = "one.db")
	static class Same {

	}

	@SpringBootTest(classes = NotesApplication.class)
	@AutoConfigureReplicatedDatabase(name = "other.db")
	static class Other {

		@Nested
		class Inner {

		}

	}

	@SpringBootTest(classes = NotesApplication.class)
	@AutoConfigureReplicatedDatabase(replica = TestReplica.NATS, name = "closed.db")
	static class ToBeClosed {

	}

	@SpringBootTest(classes = NotesApplication.class,
			properties = { "spring.datasource.url=jdbc:sqlite::memory:", "litestream.enabled=false" })
	static class None {

	}

	@SpringBootTest(classes = NotesApplication.class, properties = "litestream.enabled=false")
	@AutoConfigureReplicatedDatabase(name = "off.db")
	static class SwitchedOff {

	}

}
