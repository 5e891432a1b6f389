package dev.litestream.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import dev.litestream.test.NatsServer;
import dev.litestream.test.NatsServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the application is here to show: it comes back from its replica.
 */
@NatsServerTest
class ShopRestartTests {

	/** For what takes moments on a machine with nothing else to do. */
	private static final Duration LONG = Duration.ofSeconds(60);

	@TempDir
	Path directory;

	@Test
	void comesBackFromADirectoryAfterTheDatabaseWasDeleted() throws Exception {
		Path data = this.directory.resolve("data");
		String before;
		try (RunningShop shop = RunningShop.start(data)) {
			before = placeOrders(shop);
		}
		assertThat(data.resolve("app.db")).exists();
		FileSystemUtils.deleteRecursively(data);
		try (RunningShop shop = RunningShop.start(data)) {
			assertThat(shop.get("/totals").body()).isEqualTo(before);
			assertThat(shop.get("/").body()).contains("Order 5 of the test",
					"Restored from the replica: no database was here. Position ");
		}
		try (RunningShop shop = RunningShop.start(data)) {
			assertThat(shop.get("/").body()).contains("It was here; nothing had to be restored.");
		}
	}

	@Test
	void showsAnOutageThoughNobodyOrders(NatsServer nats) throws Exception {
		Path data = this.directory.resolve("data");
		try (RunningShop shop = RunningShop.start(data, "--spring.profiles.active=nats", "--shop.nats=" + nats.url())) {
			assertThat(shop.database().sync(LONG)).isTrue();
			assertThat(shop.get("/").body()).contains("data-tone=\"good\"", "Every commit is in nats://");
			nats.kill();
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(shop.get("/").body()).contains("data-tone=\"bad\"",
						"The replica cannot be reached", "It has every commit so far. The shop goes on"));
			assertThat(shop.get("/points").body()).contains("They can be listed again when the replica is back.");
			placeOrders(shop);
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(shop.get("/").body()).contains("data-tone=\"bad\"",
						"Its commits are kept here until the replica is back."));
			nats.restart();
			await().atMost(LONG)
				.untilAsserted(() -> assertThat(shop.get("/").body()).contains("data-tone=\"good\"",
						"Every commit is in nats://"));
		}
	}

	@Test
	void comesBackFromABucketAndGoesOn(NatsServer nats) throws Exception {
		Path data = this.directory.resolve("data");
		String[] arguments = { "--spring.profiles.active=nats", "--shop.nats=" + nats.url() };
		String before;
		try (RunningShop shop = RunningShop.start(data, arguments)) {
			before = placeOrders(shop);
		}
		for (int round = 0; round < 2; round++) {
			FileSystemUtils.deleteRecursively(data);
			try (RunningShop shop = RunningShop.start(data, arguments)) {
				assertThat(shop.get("/totals").body()).isEqualTo(before);
				before = placeOrders(shop);
			}
		}
	}

	@Test
	void runsWithoutReplication() throws Exception {
		Path data = Files.createDirectory(this.directory.resolve("data"));
		try (RunningShop shop = RunningShop.start(data, "--litestream.enabled=false")) {
			placeOrders(shop);
			assertThat(shop.get("/replication").body()).isEqualTo("[]");
			assertThat(shop.get("/").body()).contains("Replication is switched off", "Order 5 of the test");
		}
		assertThat(this.directory.resolve("backup")).doesNotExist();
	}

	private static String placeOrders(RunningShop shop) throws Exception {
		for (int i = 1; i <= 5; i++) {
			assertThat(shop
				.post("/orders", "customer", "Ida Holm", "town", "Lund", "coffee", String.valueOf(i), "bags", "2",
						"note", "Order " + i + " of the test")
				.statusCode()).isEqualTo(302);
		}
		return shop.get("/totals").body();
	}

}
