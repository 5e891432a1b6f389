package dev.litestream.nats;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

@TestInstance(Lifecycle.PER_CLASS)
class NatsArchitectureTests {

	// not static: it is large, and the other tests of this JVM need the heap
	private final JavaClasses classes = new ClassFileImporter()
		.importUrl(NatsReplicaClient.class.getProtectionDomain().getCodeSource().getLocation());

	@Test
	void classesAreFound() {
		assertThat(this.classes.contain(NatsReplicaClient.class)).isTrue();
		assertThat(this.classes.contain(NatsArchitectureTests.class)).isFalse();
	}

	@Test
	void packagesFollowTheCallsOneWay() {
		layeredArchitecture().consideringOnlyDependenciesInLayers()
			.layer("nats")
			.definedBy("dev.litestream.nats")
			.layer("bucket")
			.definedBy("dev.litestream.nats.bucket..")
			.layer("connection")
			.definedBy("dev.litestream.nats.connection..")
			.whereLayer("nats")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("bucket")
			.mayOnlyBeAccessedByLayers("nats")
			.whereLayer("connection")
			.mayNotAccessAnyLayer()
			.check(this.classes);
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching("dev.litestream.(**)").should().beFreeOfCycles().check(this.classes);
	}

	@Test
	void everyClassBelongsToOneOfThePackages() {
		assertThat(this.classes).extracting((type) -> type.getPackageName())
			.containsOnly("dev.litestream.nats", "dev.litestream.nats.bucket", "dev.litestream.nats.connection");
	}

	@Test
	void theReplicaStaysFreeOfFrameworks() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework..", "io.micrometer..", "dev.litestream.test..")
			.check(this.classes);
	}

}
