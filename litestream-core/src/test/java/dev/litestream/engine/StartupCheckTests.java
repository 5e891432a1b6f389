package dev.litestream.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.litestream.DatabaseOptions;
import dev.litestream.DatabaseStatus;
import dev.litestream.Durability;
import dev.litestream.LitestreamException;
import dev.litestream.ReplicaCondition;
import dev.litestream.ReplicaStartup;
import dev.litestream.ReplicationState;
import dev.litestream.RestoreFailedException;
import dev.litestream.replica.FileReplicaClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

/**
 * An application that starts while its replica is away, or is not what was asked for.
 */
class StartupCheckTests {

	@TempDir
	Path directory;

	private GatedReplica replica = new GatedReplica(new FileReplicaClient(Path.of("unset")));

	private LitestreamEngine engine = LitestreamEngine.builder().build();

	@AfterEach
	void close() {
		this.engine.close();
	}

	private LitestreamEngine engine(Consumer<DatabaseOptions.Builder> customizer) {
		this.replica = new GatedReplica(new FileReplicaClient(this.directory.resolve("replica")));
		DatabaseOptions.Builder options = DatabaseOptions.of(this.directory.resolve("app.db"));
		customizer.accept(options);
		this.engine = LitestreamEngine.builder().database(options.build(), this.replica).build();
		return this.engine;
	}

	private void createDatabase() throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.directory.resolve("app.db"))) {
			connection.createStatement().execute("CREATE TABLE t(a)");
		}
	}

	@Test
	void startsWithoutTheReplicaAndReplicatesOnceItIsThere() throws Exception {
		createDatabase();
		LitestreamEngine engine = engine((options) -> {
		});
		this.replica.shut();
		assertThat(engine.restore()).isEmpty();
		engine.start();
		await().until(() -> status().state() == ReplicationState.REPLICA_UNAVAILABLE);
		assertThat(status().lastError()).contains("The replica is cut off");
		this.replica.unshut();
		await().untilAsserted(() -> assertThat(status().inSync()).isTrue());
	}

	@ParameterizedTest
	@EnumSource(value = ReplicaStartup.class, names = { "CONTINUE", "FAIL" })
	void neverStartsWithAnEmptyDatabaseInPlaceOfABackupOutOfReach(ReplicaStartup startup) {
		LitestreamEngine engine = engine((options) -> options.startup(startup));
		this.replica.shut();
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::restore)
			.satisfies((ex) -> assertThat(ex instanceof RestoreFailedException)
				.isEqualTo(startup == ReplicaStartup.CONTINUE));
		assertThat(this.directory.resolve("app.db")).doesNotExist();
	}

	@Test
	void waitsForTheReplicaBeforeItRestores() throws Exception {
		try (Application app = new Application(this.directory)) {
			app.execute("CREATE TABLE t(a)");
			app.sync();
		}
		deleteDatabase();
		LitestreamEngine engine = engine((options) -> options.startup(ReplicaStartup.WAIT));
		this.replica.shut();
		CompletableFuture<List<?>> restored = CompletableFuture.supplyAsync(engine::restore);
		assertThatExceptionOfType(java.util.concurrent.TimeoutException.class)
			.isThrownBy(() -> restored.get(700, TimeUnit.MILLISECONDS));
		this.replica.unshut();
		assertThat(restored.get(30, TimeUnit.SECONDS)).hasSize(1);
		assertThat(this.directory.resolve("app.db")).exists();
	}

	@Test
	void failsWithoutTheReplica() throws Exception {
		createDatabase();
		LitestreamEngine engine = engine((options) -> options.startup(ReplicaStartup.FAIL));
		this.replica.shut();
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::restore)
			.withMessageContaining("of the database 'app.db' cannot be used: The replica is cut off")
			.withMessageContaining("replica.startup=continue");
	}

	@ParameterizedTest
	@CsvSource({ "VOLATILE, SERVER, 'server-process'", "SERVER, SERVER_SYNCED, 'server-power, site-power'",
			"SERVER, CLUSTER, 'server-power, server-disk'", "CLUSTER, SERVER_SYNCED, 'site-power'",
			"SERVER_SYNCED, CLUSTER, 'server-disk'", "CLUSTER, CLUSTER_SYNCED, 'site-power'" })
	void refusesAReplicaThatIsNotAsDurableAsRequired(Durability offered, Durability required, String missing) {
		LitestreamEngine engine = engine((options) -> options.requireDurability(required));
		this.replica.condition(new ReplicaCondition(offered, List.of()));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::restore)
			.withMessageContaining("replica.require-durability")
			.withMessageContaining("may not survive " + missing + ".");
	}

	@ParameterizedTest
	@CsvSource({ "SERVER, SERVER", "SERVER, VOLATILE", "CLUSTER, SERVER", "SERVER_SYNCED, SERVER",
			"CLUSTER_SYNCED, SERVER_SYNCED", "CLUSTER_SYNCED, CLUSTER" })
	void takesAReplicaThatIsAsDurableAsRequired(Durability offered, Durability required) {
		LitestreamEngine engine = engine((options) -> options.requireDurability(required));
		this.replica.condition(new ReplicaCondition(offered, List.of()));
		assertThatNoException().isThrownBy(engine::restore);
	}

	@Test
	void refusesAReplicaWhoseDurabilityIsUnknown() {
		LitestreamEngine engine = engine((options) -> options.requireDurability(Durability.VOLATILE));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(engine::restore)
			.withMessageContaining("does not tell what its acknowledgements are worth");
	}

	@Test
	void sendsNothingToAReplicaThatTurnsOutNotToBeAsDurableAsRequired() throws Exception {
		createDatabase();
		LitestreamEngine engine = engine((options) -> options.requireDurability(Durability.CLUSTER));
		this.replica.shut();
		engine.restore();
		engine.start();
		await().until(() -> status().state() == ReplicationState.REPLICA_UNAVAILABLE);
		this.replica.condition(new ReplicaCondition(Durability.SERVER, List.of()));
		this.replica.unshut();
		await().untilAsserted(() -> assertThat(status().lastError()).contains("replica.require-durability"));
		assertThat(this.replica.listAll()).allMatch((listing) -> listing.isEmpty());
		this.replica.condition(new ReplicaCondition(Durability.CLUSTER, List.of()));
		await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(status().inSync()).isTrue());
		assertThat(status().condition().durability()).isEqualTo(Durability.CLUSTER);
	}

	private DatabaseStatus status() {
		return this.engine.databases().get(0).status();
	}

	private void deleteDatabase() throws Exception {
		try (var files = Files.list(this.directory)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				Files.delete(file);
			}
		}
	}

}
