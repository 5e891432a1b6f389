package dev.litestream;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.RandomAccessFile;
import java.net.URL;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Set;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.litestream.test.Hazard;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

@TestInstance(Lifecycle.PER_CLASS)
class ArchitectureTests {

	private static final URL MAIN = Litestream.class.getProtectionDomain().getCodeSource().getLocation();

	// not static: it is large, and the other tests of this JVM need the heap
	private final JavaClasses classes = new ClassFileImporter().importUrl(MAIN);

	/** Methods of {@link Files} that open the file they are given, and close it again. */
	private static final Set<String> OPENING = Set.of("copy", "newInputStream", "newOutputStream", "newByteChannel",
			"newBufferedReader", "newBufferedWriter", "readAllBytes", "readAllLines", "readString", "lines", "write",
			"writeString", "mismatch", "probeContentType");

	@Test
	void classesAreFound() {
		assertThat(this.classes.contain(Litestream.class)).isTrue();
		assertThat(this.classes.contain(ArchitectureTests.class)).isFalse();
	}

	@Test
	void packagesFollowTheDataOneWay() {
		ArchRule rule = layeredArchitecture().consideringOnlyDependenciesInLayers()
			.withOptionalLayers(true)
			.layer("root")
			.definedBy("dev.litestream")
			.layer("wal")
			.definedBy("dev.litestream.wal..")
			.layer("ltx")
			.definedBy("dev.litestream.ltx..")
			.layer("sqlite")
			.definedBy("dev.litestream.sqlite..")
			.layer("replica")
			.definedBy("dev.litestream.replica..")
			.layer("threads")
			.definedBy("dev.litestream.threads..")
			.layer("spool")
			.definedBy("dev.litestream.spool..")
			.layer("continuity")
			.definedBy("dev.litestream.continuity..")
			.layer("capture")
			.definedBy("dev.litestream.capture..")
			.layer("replication")
			.definedBy("dev.litestream.replication..")
			.layer("restore")
			.definedBy("dev.litestream.restore..")
			.layer("verification")
			.definedBy("dev.litestream.verification..")
			.layer("compaction")
			.definedBy("dev.litestream.compaction..")
			.layer("engine")
			.definedBy("dev.litestream.engine..")
			.whereLayer("root")
			.mayNotAccessAnyLayer()
			.whereLayer("wal")
			.mayOnlyAccessLayers("root")
			.whereLayer("ltx")
			.mayOnlyAccessLayers("root")
			.whereLayer("sqlite")
			.mayOnlyAccessLayers("root", "wal", "ltx")
			.whereLayer("threads")
			.mayNotAccessAnyLayer()
			.whereLayer("replica")
			.mayOnlyAccessLayers("root", "ltx")
			.whereLayer("spool")
			.mayOnlyAccessLayers("root", "ltx", "sqlite", "replica")
			.whereLayer("continuity")
			.mayOnlyAccessLayers("root", "wal", "ltx", "sqlite", "threads", "replica", "spool")
			.whereLayer("capture")
			.mayOnlyAccessLayers("root", "wal", "ltx", "sqlite", "spool", "continuity")
			.whereLayer("replication")
			.mayOnlyAccessLayers("root", "wal", "ltx", "sqlite", "threads", "replica", "spool", "continuity", "capture",
					"compaction")
			.whereLayer("restore")
			.mayOnlyAccessLayers("root", "ltx", "replica")
			.whereLayer("verification")
			.mayOnlyAccessLayers("root", "ltx", "sqlite", "replica", "restore", "replication")
			.whereLayer("compaction")
			.mayOnlyAccessLayers("root", "ltx", "replica", "restore")
			.whereLayer("engine")
			.mayNotBeAccessedByAnyLayer();
		rule.check(this.classes);
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching("dev.litestream.(*)..").should().beFreeOfCycles().check(this.classes);
	}

	@Test
	void coreStaysFreeOfFrameworks() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework..", "io.nats..", "io.micrometer..", "dev.litestream.test..")
			.check(this.classes);
	}

	/**
	 * Closing any descriptor on a database drops SQLite's locks on it, so whoever works
	 * beside a live database reads files only through the two classes made for it.
	 */
	@Test
	@Hazard("G1")
	void databaseFileIsOpenedInOnePlaceOnly() {
		noClasses().that()
			.resideInAnyPackage("dev.litestream", "dev.litestream.engine..", "dev.litestream.sqlite..",
					"dev.litestream.replication..", "dev.litestream.capture..", "dev.litestream.continuity..",
					"dev.litestream.spool..", "dev.litestream.threads..", "dev.litestream.verification..",
					"dev.litestream.wal..", "dev.litestream.compaction..")
			.and(not("DatabaseFile", "dev.litestream.sqlite"))
			.and(not("WalFile", "dev.litestream.wal"))
			.and(not("WalReader", "dev.litestream.wal"))
			.and(not("Spool", "dev.litestream.spool")) // its files are our own
			.and(not("PageHashesFile", "dev.litestream.continuity")) // so is this one
			.should()
			.dependOnClassesThat()
			.areAssignableTo(RandomAccessFile.class)
			.check(this.classes);
	}

	@Test
	@Hazard("G1")
	void nothingBesideSqliteReadsThroughChannelsOrStreams() {
		noClasses().that()
			.resideInAnyPackage("dev.litestream", "dev.litestream.engine..", "dev.litestream.sqlite..",
					"dev.litestream.replication..", "dev.litestream.capture..", "dev.litestream.continuity..",
					"dev.litestream.spool..", "dev.litestream.threads..", "dev.litestream.verification..",
					"dev.litestream.wal..", "dev.litestream.compaction..")
			.and(not("Spool", "dev.litestream.spool")) // its files are our own
			.should()
			.dependOnClassesThat()
			.belongToAnyOf(FileChannel.class, AsynchronousFileChannel.class, FileInputStream.class,
					FileOutputStream.class, FileReader.class, FileWriter.class)
			.check(this.classes);
	}

	@Test
	@Hazard("G1")
	void nothingBesideSqliteOpensThroughFiles() {
		noClasses().that(resideInAPackage("dev.litestream.sqlite.."))
			.and(not("PosixLocks", "dev.litestream.sqlite")) // reads files of /proc
			.should()
			.accessTargetWhere(DescribedPredicate.describe("Files opens a file", ArchitectureTests::opensThroughFiles))
			.allowEmptyShould(true)
			.check(this.classes);
	}

	private static boolean opensThroughFiles(JavaAccess<?> access) {
		return access.getTargetOwner().isEquivalentTo(Files.class) && OPENING.contains(access.getName());
	}

	private static DescribedPredicate<JavaClass> not(String name, String packageName) {
		return DescribedPredicate.describe("are not " + name, (type) -> !(type.getPackageName().equals(packageName)
				&& outermost(type).getSimpleName().contains(name)));
	}

	private static JavaClass outermost(JavaClass type) {
		return type.getEnclosingClass().map(ArchitectureTests::outermost).orElse(type);
	}

}
