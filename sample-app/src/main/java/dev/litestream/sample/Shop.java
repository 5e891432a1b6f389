package dev.litestream.sample;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The shop's data: plain SQL through {@link JdbcClient}. Thread-safe.
 */
@Repository
public class Shop {

	private final JdbcClient jdbc;

	private final Clock clock;

	Shop(JdbcClient jdbc, Clock clock) {
		this.jdbc = jdbc;
		this.clock = clock;
	}

	/**
	 * The shelf.
	 * @return all coffees, by name
	 */
	public List<Coffee> coffees() {
		return this.jdbc.sql("select id, name, origin, taste, price_cents from coffee order by name")
			.query((row, index) -> new Coffee(row.getLong("id"), row.getString("name"), row.getString("origin"),
					row.getString("taste"), new Money(row.getLong("price_cents"))))
			.list();
	}

	/**
	 * The newest orders.
	 * @param limit how many at most
	 * @return orders with their lines, newest first
	 */
	public List<Purchase> newest(int limit) {
		Map<Long, Purchase> purchases = new LinkedHashMap<>();
		this.jdbc.sql("""
				select p.id, c.name as customer, c.town, p.placed_at, p.status, p.note,
				       coffee.name as coffee, line.bags, line.price_cents
				from (select * from purchase order by id desc limit :limit) p
				join customer c on c.id = p.customer_id
				join purchase_line line on line.purchase_id = p.id
				join coffee on coffee.id = line.coffee_id
				order by p.id desc, coffee.name
				""").param("limit", limit).query((row) -> {
			long id = row.getLong("id");
			Purchase purchase = purchases.get(id);
			if (purchase == null) {
				purchase = new Purchase(id, row.getString("customer"), row.getString("town"),
						Instant.parse(row.getString("placed_at")), Purchase.Status.valueOf(row.getString("status")),
						row.getString("note"), new ArrayList<>());
				purchases.put(id, purchase);
			}
			purchase.lines()
				.add(new Purchase.Line(row.getString("coffee"), row.getInt("bags"),
						new Money(row.getLong("price_cents"))));
		});
		return List.copyOf(purchases.values());
	}

	/**
	 * Counts everything.
	 * @return the shop in four numbers
	 */
	public ShopTotals totals() {
		return this.jdbc.sql("""
				select (select count(*) from purchase) as purchases,
				       (select count(*) from customer) as customers,
				       coalesce(sum(bags), 0) as bags,
				       coalesce(sum(bags * price_cents), 0) as revenue_cents
				from purchase_line
				""")
			.query((row, index) -> new ShopTotals(row.getLong("purchases"), row.getLong("customers"),
					row.getLong("bags"), row.getLong("revenue_cents")))
			.single();
	}

	/**
	 * Places an order: customer, order and line in one transaction.
	 * @param customer who orders; the same name in the same town is the same customer
	 * @param town where to send it
	 * @param coffee number of the coffee
	 * @param bags how many bags
	 * @param note anything else, or {@code null}
	 * @return the order's number, or nothing if there is no such coffee
	 */
	@Transactional
	public Optional<Long> place(String customer, String town, long coffee, int bags, @Nullable String note) {
		Optional<Long> price = this.jdbc.sql("select price_cents from coffee where id = :id")
			.param("id", coffee)
			.query(Long.class)
			.optional();
		if (price.isEmpty()) {
			return Optional.empty();
		}
		Long customerId = this.jdbc.sql("""
				insert into customer (name, town) values (:name, :town)
				on conflict (name, town) do update set name = excluded.name
				returning id
				""").param("name", customer).param("town", town).query(Long.class).single();
		Long purchaseId = this.jdbc.sql("""
				insert into purchase (customer_id, placed_at, note) values (:customer, :placedAt, :note)
				returning id
				""")
			.param("customer", customerId)
			.param("placedAt", this.clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
			.param("note", note)
			.query(Long.class)
			.single();
		this.jdbc.sql("""
				insert into purchase_line (purchase_id, coffee_id, bags, price_cents)
				values (:purchase, :coffee, :bags, :price)
				""")
			.param("purchase", purchaseId)
			.param("coffee", coffee)
			.param("bags", bags)
			.param("price", price.get())
			.update();
		return Optional.of(purchaseId);
	}

	/**
	 * Takes an order one step further. Does nothing if it has been taken there already.
	 * @param purchase the order's number
	 * @param from the status it was seen in
	 */
	public void advance(long purchase, Purchase.Status from) {
		this.jdbc.sql("update purchase set status = :next where id = :id and status = :from")
			.param("next", from.next().name())
			.param("id", purchase)
			.param("from", from.name())
			.update();
	}

}
