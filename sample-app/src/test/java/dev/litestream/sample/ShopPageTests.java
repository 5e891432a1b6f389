package dev.litestream.sample;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.Txid;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The page and its form, on a file replica, as it starts without a profile.
 */
class ShopPageTests {

	/** For what takes moments on a machine with nothing else to do. */
	private static final Duration LONG = Duration.ofSeconds(60);

	@TempDir
	static Path directory;

	static RunningShop shop;

	@BeforeAll
	static void start() {
		shop = RunningShop.start(directory.resolve("data"));
	}

	@AfterAll
	static void stop() {
		shop.close();
	}

	@Test
	void showsOrdersAndCoffees() throws Exception {
		HttpResponse<String> page = shop.get("/");
		assertThat(page.statusCode()).isEqualTo(200);
		assertThat(page.body()).contains("Mette Sørensen", "12 × Night Ferry", "Ring twice, the bell is shy",
				"Lighthouse, €14.50");
	}

	@Test
	void showsReplicationWithoutScript() throws Exception {
		assertThat(shop.database().sync(LONG)).isTrue();
		Txid txid = shop.database().status().replicatedTxid();
		assertThat(shop.get("/").body()).contains("data-database=\"app.db\"", "Replicating",
				"Every commit is in file://" + directory.resolve("backup"), ">" + txid.value() + " of ",
				"title=\"TXID " + txid, "It was new; its replica began with this start.");
	}

	@Test
	void saysWhereTheBackupIsAndDoesNotTellToDeleteIt() throws Exception {
		assertThat(shop.get("/").body()).contains("another directory of this machine", "is lost with the machine",
				"rm -rf " + directory.resolve("data") + "<");
		assertThat(directory.resolve("data")).isDirectoryNotContaining("glob:**replica");
	}

	@Test
	void saysChangesOfStateToScreenReaders() throws Exception {
		assertThat(shop.get("/").body()).containsPattern(
				"<p class=\"state\" role=\"status\" aria-live=\"polite\" aria-atomic=\"true\">\\s*<strong data-field=\"label\"");
	}

	@Test
	void earlierMomentCanBeLookedAt() throws Exception {
		assertThat(shop.database().sync(LONG)).isTrue();
		String then = shop.database().status().replicatedTxid().toString();
		shop.post("/orders", "customer", "Per", "town", "Kalmar", "coffee", "1", "bags", "1", "note", "Ordered later");
		assertThat(shop.database().sync(LONG)).isTrue();
		assertThat(shop.get("/").body()).contains("Ordered later");
		assertThat(shop.get("/points").body()).contains("href=\"/as-it-was/" + then + "\"");
		assertThat(shop.get("/as-it-was/" + then).body()).contains("Mette Sørensen", "The shop itself went on")
			.doesNotContain("Ordered later", "<button");
		HttpResponse<String> answer = shop.get("/as-it-was/7fffffffffffffff");
		assertThat(answer.statusCode()).isEqualTo(404);
		assertThat(answer.body()).contains("nearest before");
		assertThat(shop.get("/as-it-was/1").body()).contains("is not a TXID");
	}

	@Test
	void tellsReplicationAsJson() {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(shop.get("/replication").body()).contains("\"name\":\"app.db\"",
					"\"state\":\"REPLICATING\"", "\"inSync\":true", "\"lagMillis\":0", "\"lastError\":null"));
	}

	@Test
	void placedOrderIsShownAndReplicated() throws Exception {
		HttpResponse<String> answer = shop.post("/orders", "customer", " Ida <b>Holm</b> ", "town", "Lund", "coffee",
				"2", "bags", "3", "note", "After six");
		assertThat(answer.statusCode()).isEqualTo(302);
		assertThat(shop.get("/").body()).contains("Ida &lt;b&gt;Holm&lt;/b&gt;<", "3 × Lighthouse", "€43.50",
				"After six");
		await().atMost(LONG).until(() -> shop.database().status().inSync());
	}

	@Test
	void orderWithMistakesIsRefusedWithWhatToChange() throws Exception {
		String before = shop.get("/totals").body();
		HttpResponse<String> answer = shop.post("/orders", "customer", "", "town", "Kalmar", "coffee", "99", "bags",
				"51");
		assertThat(answer.statusCode()).isEqualTo(422);
		assertThat(answer.body()).contains("Please tell us your name", "50 bags at most", "value=\"Kalmar\"",
				"aria-invalid=\"true\" aria-describedby=\"customer-error\"");
		assertThat(shop.post("/orders", "customer", "Per", "town", "Kalmar", "coffee", "99", "bags", "1").body())
			.contains("We do not have this coffee");
		assertThat(shop.get("/totals").body()).isEqualTo(before);
	}

	@Test
	void shippedOrderIsNotPackedAgainFromAnOldPage() throws Exception {
		assertThat(shop.get("/").body()).contains("Pack order 7 of Café Nordlicht");
		shop.post("/orders/7/advance", "from", "NEW");
		assertThat(shop.get("/").body()).contains("Ship order 7 of Café Nordlicht");
		shop.post("/orders/7/advance", "from", "PACKED");
		shop.post("/orders/7/advance", "from", "NEW");
		assertThat(shop.get("/").body()).doesNotContain("order 7 of Café Nordlicht");
	}

	@Test
	void healthNamesTheReplica() {
		await().atMost(LONG)
			.untilAsserted(() -> assertThat(shop.get("/actuator/health/litestream").body())
				.contains("\"status\":\"UP\"", "replicatedTxid", directory.resolve("backup").toString()));
	}

}
