package dev.litestream.spring.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.litestream.VerificationOutcome;
import dev.litestream.spring.NotesDatabase;
import dev.litestream.spring.actuate.ActuatorApplication;
import dev.litestream.test.NatsServer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@code docs/metrics.md} and a running application tell the same: every meter with its
 * name in Prometheus, unit and tags, and the series that the original's dashboard asks
 * for.
 */
@TestInstance(Lifecycle.PER_CLASS)
class DocumentedMetersTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "metrics.md");

	private static final Pattern CODE = Pattern.compile("`([^`]*)`");

	private static final Pattern METRIC = Pattern.compile("litestream_[a-z0-9_]+");

	private static final Pattern MATCHER = Pattern.compile("([a-z_]+)=~?\"([^\"]*)\"");

	private final MeterRegistry anyRegistry = new SimpleMeterRegistry();

	private NatsServer server;

	private ActuatorApplication application;

	private List<List<String>> meters;

	private List<List<String>> panels;

	private Map<String, Set<String>> series;

	@BeforeAll
	void run(@TempDir Path directory) throws Exception {
		this.server = NatsServer.start();
		this.application = ActuatorApplication.start(new NotesDatabase(directory),
				"litestream.dbs[0].replica.url=" + this.server.url("metered"),
				"litestream.dbs[0].replica.bucket.create=true");
		assertThat(this.application.database().verify().outcome()).isEqualTo(VerificationOutcome.VERIFIED);
		this.application.context()
			.getBeansOfType(MeterBinder.class)
			.values()
			.stream()
			.filter((binder) -> binder.getClass().getPackageName().startsWith("dev.litestream"))
			.forEach((binder) -> binder.bindTo(this.anyRegistry));
		await().atMost(Duration.ofSeconds(60)).until(() -> scrape().containsKey("litestream_replica_objects"));
		this.series = scrape();
		List<List<String>> rows = rows();
		this.meters = rows.stream().filter((row) -> row.get(0).startsWith("`litestream.")).toList();
		this.panels = rows.stream().filter((row) -> row.size() == 4 && row.get(1).contains("litestream_")).toList();
	}

	@AfterAll
	void end() {
		try {
			if (this.application != null) { // which it is unless its start failed
				this.application.close();
			}
		}
		finally {
			this.server.close();
		}
	}

	@Test
	void everyMeterIsDocumentedAndEveryDocumentedOneExists() {
		assertThat(documented().keySet()).isEqualTo(registered().keySet());
	}

	@Test
	void unitsAreTheDocumentedOnes() {
		Map<String, Meter> registered = registered();
		documented().forEach((name, row) -> {
			String unit = row.get(2).contains(", ") ? row.get(2).substring(row.get(2).indexOf(", ") + 2) : null;
			Meter meter = registered.get(name);
			if (meter.getId().getType() != Meter.Type.TIMER && meter.getId().getType() != Meter.Type.LONG_TASK_TIMER) {
				assertThat(meter.getId().getBaseUnit()).as(name).isEqualTo(unit);
			}
			assertThat(row.get(2)).as(name).startsWith(switch (meter.getId().getType()) {
				case COUNTER -> "counter";
				case TIMER -> "timer";
				case LONG_TASK_TIMER -> "long task timer";
				default -> "gauge";
			});
		});
	}

	@Test
	void tagsAreTheDocumentedOnes() {
		Map<String, Meter> registered = registered();
		documented().forEach((name,
				row) -> assertThat(
						registered.get(name).getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet()))
					.as(name)
					.isEqualTo(codes(row.get(3))));
	}

	@Test
	void namesInPrometheusAreTheDocumentedOnes() {
		Set<String> named = documented().values()
			.stream()
			.map((row) -> codes(row.get(1)).iterator().next())
			.collect(Collectors.toCollection(TreeSet::new));
		Set<String> found = this.series.keySet()
			.stream()
			.map((name) -> timer(name).orElse(name))
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(found).isEqualTo(named);
	}

	/** What a timer is scraped as, without its suffix. */
	private Optional<String> timer(String name) {
		return Stream.of("_count", "_sum", "_max", "_active_count", "_duration_sum")
			.filter(name::endsWith)
			.map((suffix) -> name.substring(0, name.length() - suffix.length()))
			.filter((stem) -> documented().values()
				.stream()
				.anyMatch((row) -> row.get(2).contains("timer") && codes(row.get(1)).contains(stem)))
			.findFirst();
	}

	@Test
	void everyQueryOfTheDashboardFindsItsSeries() {
		assertThat(this.panels).hasSize(12);
		for (List<String> panel : this.panels) {
			String query = codes(panel.get(1)).iterator().next();
			Matcher metric = METRIC.matcher(query);
			assertThat(metric.find()).as(query).isTrue();
			assertThat(codes(panel.get(2))).as(panel.get(0)).containsExactly(metric.group());
			assertThat(this.series).as(panel.get(0)).containsKey(metric.group());
			assertThat(this.series.get(metric.group())).as(query).containsAll(codes(panel.get(3)));
			Matcher matcher = MATCHER.matcher(query);
			while (matcher.find()) {
				// the job is what Prometheus itself adds to a target
				assertThat(matcher.group(1)).as(query).isEqualTo("job");
			}
		}
	}

	@Test
	void countersGrowInPrometheusToo() throws Exception {
		String before = line("litestream_sync_count{");
		assertThat(this.application.database().sync(Duration.ofSeconds(30))).isTrue();
		assertThat(value(line("litestream_sync_count{"))).isGreaterThan(value(before));
		assertThat(value(line("litestream_db_size{")))
			.isEqualTo(this.application.database().status().counters().databaseBytes());
	}

	private static double value(String line) {
		return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
	}

	private String line(String start) throws Exception {
		return this.application.get("prometheus")
			.body()
			.lines()
			.filter((line) -> line.startsWith(start))
			.findFirst()
			.orElseThrow();
	}

	private Map<String, List<String>> documented() {
		Map<String, List<String>> documented = new TreeMap<>();
		this.meters.forEach((row) -> assertThat(documented.put(codes(row.get(0)).iterator().next(), row)).isNull());
		return documented;
	}

	/** As any registry has them, under Micrometer's names. */
	private Map<String, Meter> registered() {
		Map<String, Meter> registered = new TreeMap<>();
		Stream
			.concat(this.anyRegistry.getMeters().stream(),
					this.application.context()
						.getBeansOfType(MeterRegistry.class)
						.values()
						.stream()
						.flatMap((registry) -> registry.getMeters().stream()))
			.filter((meter) -> meter.getId().getName().startsWith("litestream."))
			.forEach((meter) -> registered.putIfAbsent(meter.getId().getName(), meter));
		return registered;
	}

	/** Names of Litestream's series, with their labels. */
	private Map<String, Set<String>> scrape() throws IOException, InterruptedException {
		Map<String, Set<String>> series = new TreeMap<>();
		this.application.get("prometheus")
			.body()
			.lines()
			.filter((line) -> line.startsWith("litestream_"))
			.forEach((line) -> {
				Set<String> labels = series.computeIfAbsent(line.substring(0, line.indexOf('{')),
						(name) -> new TreeSet<>());
				Matcher matcher = MATCHER.matcher(line);
				while (matcher.find()) {
					labels.add(matcher.group(1));
				}
			});
		return series;
	}

	private static Set<String> codes(String cell) {
		Set<String> codes = new TreeSet<>();
		Matcher matcher = CODE.matcher(cell);
		while (matcher.find()) {
			codes.add(matcher.group(1));
		}
		return codes;
	}

	private static List<List<String>> rows() throws IOException {
		List<List<String>> rows = new ArrayList<>();
		for (String line : Files.readAllLines(DOCUMENT)) {
			if (line.startsWith("| ")) {
				rows.add(List.of(line.substring(2, line.lastIndexOf('|')).split(" ?\\| ", -1))
					.stream()
					.map(String::strip)
					.toList());
			}
		}
		return rows;
	}

}
