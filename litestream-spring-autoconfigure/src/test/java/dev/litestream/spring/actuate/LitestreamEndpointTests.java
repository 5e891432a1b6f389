package dev.litestream.spring.actuate;

import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;

import dev.litestream.RestoreTarget;
import dev.litestream.Txid;
import dev.litestream.spring.LitestreamLifecycle;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.doctor.SqliteDoctor;
import dev.litestream.spring.doctor.SqliteReport;
import dev.litestream.test.Databases;
import dev.litestream.test.NatsServer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static dev.litestream.spring.actuate.ActuatorApplication.json;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The endpoint of a running application over HTTP and JMX.
 */
@Timeout(120)
class LitestreamEndpointTests {

	private static final String UNRESTRICTED = "management.endpoint.litestream.access=unrestricted";

	@TempDir
	Path directory;

	private NotesDatabase notes;

	private String restoreDirectory() {
		return "litestream.endpoint.restore-directory=" + this.directory;
	}

	@BeforeEach
	void createNotes() {
		this.notes = new NotesDatabase(this.directory);
	}

	@Test
	void listNamesEachDatabaseAndShowsHowFarItIs() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			Map<String, Object> list = application.read("litestream");
			assertThat(String.valueOf(list.get("sqliteVersion"))).startsWith("3.");
			assertThat(list.get("databases")).asInstanceOf(InstanceOfAssertFactories.MAP).containsOnlyKeys("notes");
			assertThat(((Map<?, ?>) list.get("databases")).get("notes")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("path", this.notes.path().toString())
				.containsEntry("state", "REPLICATING")
				.containsEntry("replicaType", "file")
				.containsEntry("inSync", true)
				.containsEntry("lag", "PT0S")
				.containsEntry("txid", application.database().status().txid().toString())
				.containsEntry("replicatedTxid", application.database().status().txid().toString())
				.hasEntrySatisfying("lastSync", (value) -> assertThat(Instant.parse((String) value)).isNotNull())
				.doesNotContainKey("lastError");
		}
	}

	@Test
	void listHasWhatTheDoctorFoundAtStart() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			SqliteReport report = application.context().getBean(SqliteDoctor.class).lastReport();
			assertThat(report).isNotNull();
			Map<?, ?> doctor = (Map<?, ?>) application.read("litestream").get("doctor");
			assertThat(Instant.parse((String) doctor.get("examinedAt"))).isEqualTo(report.examinedAt());
			assertThat(doctor.get("findings")).asInstanceOf(InstanceOfAssertFactories.LIST)
				.hasSameSizeAs(report.findings())
				.anySatisfy((finding) -> assertThat(finding).asInstanceOf(InstanceOfAssertFactories.MAP)
					.containsEntry("id", "transaction-mode")
					.containsEntry("severity", "INFO")
					.containsKeys("subject", "meaning", "cure"));
			// it was read, and nothing was looked at again
			assertThat(application.context().getBean(SqliteDoctor.class).lastReport()).isSameAs(report);
		}
	}

	@Test
	void listHasNoDoctorWhereThereIsNone() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes,
				"litestream.doctor.enabled=false")) {
			assertThat(application.read("litestream")).containsKey("databases").doesNotContainKey("doctor");
		}
	}

	@Test
	void databaseIsShownWithAllThatIsKnown() throws Exception {
		this.notes.onlyInReplica("milk");
		try (ActuatorApplication application = ActuatorApplication.startRestored(this.notes)) {
			Map<String, Object> database = application.read("litestream/notes");
			assertThat(database).containsKeys("summary", "counters", "levels", "verification", "findings",
					"startupRestore");
			assertThat(database.get("startupRestore")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("files", 1)
				.containsKeys("txid", "timestamp", "bytesRead", "took");
			assertThat(database.get("verification")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("verified", 0)
				.doesNotContainKey("verifiedTxid");
			assertThat(application.get("litestream/absent").statusCode()).isEqualTo(404);
		}
	}

	@Test
	void replicaIsListed() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			NotesDatabase.insert(application.context().getBean(DataSource.class), "bread");
			assertThat(application.database().sync(ActuatorApplication.LONG)).isTrue();
			String txid = application.database().status().replicatedTxid().toString();
			Map<?, ?> level = (Map<?, ?>) ((List<?>) application.read("litestream/notes/ltx").get("levels")).get(0);
			assertThat(level).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("level", 0)
				.containsEntry("count", 2);
			Map<?, ?> newest = (Map<?, ?>) ((List<?>) level.get("files")).get(1);
			assertThat(newest).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("name", txid + "-" + txid + ".ltx")
				.containsEntry("minTxid", txid)
				.containsEntry("maxTxid", txid)
				.containsKeys("size", "createdAt");
			Map<String, Object> points = application.read("litestream/notes/restore-points");
			assertThat(points.get("newest")).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("txid", txid);
			assertThat(points.get("oldest")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("txid", Txid.FIRST.toString());
			assertThat(application.get("litestream/notes/absent").statusCode()).isEqualTo(404);
			assertThat(application.get("litestream/absent/ltx").statusCode()).isEqualTo(404);
		}
	}

	@Test
	void nameOfADirectorysDatabaseSelectsIt() throws Exception {
		NotesDatabase tenant = new NotesDatabase(this.directory.resolve("tenants"), "a b");
		tenant.create(List.of("create table notes (id integer primary key)"));
		try (ActuatorApplication application = ActuatorApplication.start(this.notes,
				"litestream.dbs[1].dir=" + tenant.path().getParent().getParent(), "litestream.dbs[1].pattern=*.db",
				"litestream.dbs[1].recursive=true",
				"litestream.dbs[1].replica.url=" + this.directory.resolve("replicas").toUri())) {
			Map<?, ?> databases = (Map<?, ?>) application.read("litestream").get("databases");
			assertThat(databases.keySet().stream().map(String::valueOf)).containsExactlyInAnyOrder("notes",
					"data:a b.db");
			assertThat(application.read("litestream/data:a%20b.db").get("summary"))
				.asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("path", tenant.path().toString());
		}
	}

	@Test
	void nothingCanBeWrittenByDefault() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			for (String operation : List.of("sync", "snapshot", "verify", "restore")) {
				Path file = this.directory.resolve("copy.db");
				assertThat(
						application.post("litestream/notes/" + operation, "{\"file\":\"" + file + "\"}").statusCode())
					.isEqualTo(405);
				assertThat(file).doesNotExist();
			}
			assertThat(application.database().ltxFiles()).noneMatch((file) -> file.level() == 9);
		}
	}

	@Test
	void isAbsentWithoutAccess() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes,
				"management.endpoint.litestream.access=none")) {
			assertThat(application.get("litestream").statusCode()).isEqualTo(404);
			assertThat(application.context().getBeanNamesForType(LitestreamEndpoint.class)).isEmpty();
		}
	}

	@Test
	void operatorSyncsSnapshotsVerifiesAndRestores() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
				restoreDirectory())) {
			NotesDatabase.insert(application.context().getBean(DataSource.class), "bread");
			Map<String, Object> sync = good(application.post("litestream/notes/sync", "{\"timeout\":\"20s\"}"));
			String txid = application.database().status().txid().toString();
			assertThat(sync).containsEntry("outcome", "SUCCEEDED").containsEntry("txid", txid);
			Map<String, Object> snapshot = good(application.post("litestream/notes/snapshot", "{}"));
			assertThat(snapshot).containsEntry("txid", txid).containsKeys("timestamp", "size", "took");
			assertThat(application.database().ltxFiles()).filteredOn((file) -> file.level() == 9).hasSize(1);
			Map<String, Object> verified = good(application.post("litestream/notes/verify", "{}"));
			assertThat(verified).containsEntry("txid", txid);
			assertThat(application.database().status().verification().verified()).isEqualTo(1);
			Path copy = this.directory.resolve("copy.db");
			Map<String, Object> restored = good(application.post("litestream/notes/restore",
					"{\"file\":\"" + copy + "\",\"txid\":\"" + Txid.FIRST + "\"}"));
			assertThat(restored).containsEntry("txid", Txid.FIRST.toString()).containsEntry("file", copy.toString());
			assertThat(Databases.integrity(copy)).isEqualTo("ok");
			assertThat(restored).containsEntry("size", (int) Files.size(copy));
			Path second = this.directory.resolve("second.db");
			String timestamp = String.valueOf(snapshot.get("timestamp"));
			assertThat(good(application.post("litestream/notes/restore",
					"{\"file\":\"" + second + "\",\"timestamp\":\"" + timestamp + "\"}")))
				.containsEntry("txid", txid);
		}
	}

	private static Map<String, Object> good(HttpResponse<String> response) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return json(response);
	}

	@Test
	void restoreOverwritesNothing() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
				restoreDirectory())) {
			Path taken = Files.writeString(this.directory.resolve("taken.db"), "precious");
			Path live = this.notes.path();
			Path journal = live.resolveSibling(live.getFileName() + "-journal");
			Map<Path, String> refused = Map.of(taken, "exists", live, "belongs to a replicated database", journal,
					"belongs to a replicated database", live.resolveSibling(".notes.db-litestream").resolve("x.db"),
					"belongs to a replicated database");
			for (Map.Entry<Path, String> file : refused.entrySet()) {
				HttpResponse<String> response = application.post("litestream/notes/restore",
						"{\"file\":\"" + file.getKey() + "\"}");
				assertThat(response.statusCode()).as(response.body()).isEqualTo(409);
				assertThat(json(response)).containsEntry("outcome", "FAILED");
				assertThat(String.valueOf(json(response).get("detail"))).contains(file.getValue());
			}
			assertThat(taken).hasContent("precious");
			assertThat(journal).doesNotExist();
			assertThat(NotesDatabase.notes(application.context().getBean(DataSource.class))).containsExactly("milk");
		}
	}

	@Test
	void mistakesAreExplained() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
				restoreDirectory())) {
			String file = "\"file\":\"" + this.directory.resolve("copy.db") + "\"";
			mistake(application, "notes/restore", "{}", 400, "file is missing");
			mistake(application, "notes/restore", "{\"file\":\"../copy.db\"}", 400, "has to lie below");
			mistake(application, "notes/restore", "{" + file + ",\"txid\":\"1\"}", 400, "is not a TXID");
			mistake(application, "notes/restore", "{" + file + ",\"timestamp\":\"yesterday\"}", 400,
					"no instant such as");
			mistake(application, "notes/restore",
					"{" + file + ",\"txid\":\"0000000000000001\",\"timestamp\":\"2026-03-06T08:00:00Z\"}", 400,
					"keep one of the two");
			mistake(application, "notes/restore", "{" + file + ",\"txid\":\"00000000000000ff\"}", 409,
					"00000000000000ff");
			mistake(application, "notes/explode", "{}", 400, "there are sync, snapshot, verify, restore and accept");
			mistake(application, "absent/sync", "{}", 404, "No database has that name");
			assertThat(this.directory.resolve("copy.db")).doesNotExist();
		}
	}

	@Test
	void restoresNothingUnlessTheDirectoryIsNamed() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED)) {
			mistake(application, "notes/restore", "{\"file\":\"" + this.directory.resolve("copy.db") + "\"}", 400,
					"set litestream.endpoint.restore-directory");
			assertThat(this.directory.resolve("copy.db")).doesNotExist();
		}
	}

	@Test
	void restoresOnlyBelowTheDirectory() throws Exception {
		Path allowed = Files.createDirectories(this.directory.resolve("allowed"));
		Path outside = Files.createDirectories(this.directory.resolve("allowed-not"));
		Files.createSymbolicLink(allowed.resolve("way-out"), outside);
		Files.createSymbolicLink(allowed.resolve("dangling.db"), outside.resolve("dangling.db"));
		Path alias = Files.createSymbolicLink(this.directory.resolve("alias"), allowed);
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
				"litestream.endpoint.restore-directory=" + alias)) {
			for (String file : List.of(outside.resolve("a.db").toString(), "../allowed-not/a.db",
					allowed + "/../allowed-not/a.db", "way-out/a.db", allowed.resolve("way-out/a.db").toString(),
					"dangling.db", ".", "", "x/../..", allowed.toString())) {
				HttpResponse<String> response = application.post("litestream/notes/restore",
						"{\"file\":\"" + file + "\"}");
				assertThat(response.statusCode()).as("%s: %s", file, response.body()).isEqualTo(400);
			}
			assertThat(outside).isEmptyDirectory();
			for (String file : List.of("relative.db", "below/it.db", alias.resolve("by-alias.db").toString(),
					allowed.resolve("by-name.db").toString())) {
				good(application.post("litestream/notes/restore", "{\"file\":\"" + file + "\"}"));
			}
			for (String file : List.of("relative.db", "below/it.db", "by-alias.db", "by-name.db")) {
				assertThat(Databases.integrity(allowed.resolve(file))).isEqualTo("ok");
			}
		}
	}

	@Test
	void verifiesNotMoreOftenThanAllowed() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
				"litestream.endpoint.verify-interval=1h")) {
			good(application.post("litestream/notes/verify", "{}"));
			mistake(application, "notes/verify", "{}", 503, "litestream.endpoint.verify-interval is 3600 seconds");
			assertThat(application.database().status().verification().verified()).isEqualTo(1);
		}
	}

	private static void mistake(ActuatorApplication application, String path, String body, int status, String detail)
			throws Exception {
		HttpResponse<String> response = application.post("litestream/" + path, body);
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		assertThat(String.valueOf(json(response).get("detail"))).contains(detail);
	}

	@Test
	void secretsNeverAppear() throws Exception {
		List<String> paths = List.of("litestream", "litestream/notes", "litestream/notes/ltx",
				"litestream/notes/restore-points", "health", "info", "metrics", "configprops", "env", "beans");
		try (NatsServer server = NatsServer.builder()
			.config("authorization { user: app, password: \"s3cr3t-w0rd\" }")
			.start();
				ActuatorApplication application = ActuatorApplication.start(this.notes,
						"management.info.litestream.enabled=true", "litestream.shutdown-sync-timeout=1s",
						"litestream.dbs[0].replica.request-timeout=1s",
						"litestream.dbs[0].replica.url=nats://app:s3cr3t-w0rd@" + server.url("bucket").substring(7),
						"litestream.dbs[0].replica.bucket.create=true")) {
			for (String path : paths) {
				assertThat(application.get(path).body()).as(path).isNotBlank().doesNotContain("s3cr3t");
			}
			server.stop();
			NotesDatabase.insert(application.context().getBean(DataSource.class), "bread");
			for (String path : paths) {
				assertThat(application.get(path).body()).as(path).doesNotContain("s3cr3t");
			}
		}
	}

	@Test
	void replicaThatIsAwayIsSaidSo() throws Exception {
		try (NatsServer server = NatsServer.start();
				ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED,
						"litestream.dbs[0].replica.url=" + server.url("bucket"),
						"litestream.dbs[0].replica.bucket.create=true", "litestream.shutdown-sync-timeout=1s",
						"litestream.dbs[0].replica.request-timeout=1s")) {
			server.stop();
			NotesDatabase.insert(application.context().getBean(DataSource.class), "bread");
			HttpResponse<String> sync = application.post("litestream/notes/sync", "{\"timeout\":\"500ms\"}");
			assertThat(sync.statusCode()).as(sync.body()).isEqualTo(503);
			assertThat(json(sync)).containsEntry("outcome", "NOT_NOW");
			HttpResponse<String> files = application.get("litestream/notes/ltx");
			assertThat(files.statusCode()).as(files.body()).isEqualTo(503);
			assertThat(String.valueOf(json(files).get("detail"))).contains("could not be listed");
		}
	}

	@Test
	void worksOverJmx() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, UNRESTRICTED, restoreDirectory(),
				"spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=litestream")) {
			MBeanServer server = application.context().getBean(MBeanServer.class);
			ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Litestream");
			Set<String> operations = Set.copyOf(List.of(server.getMBeanInfo(name).getOperations())
				.stream()
				.map(MBeanOperationInfo::getName)
				.toList());
			assertThat(operations).containsExactlyInAnyOrder("databases", "database", "replica", "run");
			Object one = server.invoke(name, "database", new Object[] { "notes" },
					new String[] { String.class.getName() });
			assertThat(one).asInstanceOf(InstanceOfAssertFactories.MAP).containsKey("summary");
			Path copy = this.directory.resolve("copy.db");
			Object restored = server.invoke(name, "run",
					new Object[] { "notes", "restore", null, null, null, copy.toString() },
					signature(server, name, "run"));
			assertThat(restored).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("outcome", "SUCCEEDED");
			assertThat(Databases.integrity(copy)).isEqualTo("ok");
		}
		assertThat(ManagementFactory.getPlatformMBeanServer()).isNotNull();
	}

	private static String[] signature(MBeanServer server, ObjectName name, String operation) throws Exception {
		for (MBeanOperationInfo info : server.getMBeanInfo(name).getOperations()) {
			if (info.getName().equals(operation)) {
				return List.of(info.getSignature())
					.stream()
					.map((parameter) -> parameter.getType())
					.toArray(String[]::new);
			}
		}
		throw new IllegalArgumentException(operation);
	}

	@Test
	void jmxIsReadOnlyByDefault() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes, "spring.jmx.enabled=true",
				"management.endpoints.jmx.exposure.include=litestream")) {
			MBeanServer server = application.context().getBean(MBeanServer.class);
			ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Litestream");
			assertThat(server.getMBeanInfo(name).getOperations()).extracting(MBeanOperationInfo::getName)
				.containsExactlyInAnyOrder("databases", "database", "replica");
		}
	}

	@Test
	void infoSaysWhatIsReplicatedWhere() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes,
				"management.info.litestream.enabled=true")) {
			Map<?, ?> info = (Map<?, ?>) application.read("info").get("litestream");
			assertThat(String.valueOf(info.get("sqliteVersion"))).startsWith("3.");
			assertThat(((Map<?, ?>) info.get("databases")).get("notes")).isEqualTo(
					Map.of("path", this.notes.path().toString(), "replica", application.database().status().replica()));
		}
	}

	@Test
	void infoSaysNothingUnlessAsked() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			assertThat(application.read("info")).doesNotContainKey("litestream");
		}
	}

	@Test
	void healthIsOutOfServiceOnceReplicationIsStopped() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			assertThat(application.read("health/litestream/notes")).containsEntry("status", "UP");
			application.context().getBean(LitestreamLifecycle.class).stop();
			HttpResponse<String> response = application.get("health/litestream/notes");
			assertThat(response.statusCode()).isEqualTo(503);
			assertThat(json(response)).containsEntry("status", "OUT_OF_SERVICE");
		}
	}

	@Test
	void readinessTakesReplicationInIfAsked() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes,
				"management.endpoint.health.probes.enabled=true",
				"management.endpoint.health.group.readiness.include=readinessState,litestream",
				"management.endpoint.health.group.readiness.show-components=always")) {
			assertThat(application.read("health/readiness").get("components"))
				.asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsOnlyKeys("readinessState", "litestream");
			assertThat(application.read("health/liveness").toString()).doesNotContain("litestream");
		}
	}

	@Test
	void pointThatWasListedCanBeRestored() throws Exception {
		try (ActuatorApplication application = ActuatorApplication.start(this.notes)) {
			Map<?, ?> newest = (Map<?, ?>) application.read("litestream/notes/restore-points").get("newest");
			Path copy = this.directory.resolve("copy.db");
			application.database().restoreTo(copy, RestoreTarget.of(Txid.parse(String.valueOf(newest.get("txid")))));
			assertThat(Databases.integrity(copy)).isEqualTo("ok");
		}
	}

}
