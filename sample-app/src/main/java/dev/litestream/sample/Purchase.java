package dev.litestream.sample;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One order of a customer.
 *
 * @param id its number
 * @param customer who ordered
 * @param town where to send it
 * @param placedAt when it was placed
 * @param status how far it is
 * @param note what the customer added, or {@code null}
 * @param lines what was ordered
 */
public record Purchase(long id, String customer, String town, Instant placedAt, Status status, @Nullable String note,
		List<Line> lines) {

	/**
	 * What it costs.
	 * @return the sum of all lines
	 */
	public Money total() {
		return new Money(this.lines.stream().mapToLong((line) -> line.bags() * line.price().cents()).sum());
	}

	/** How far an order is, in the order of work. */
	public enum Status {

		/** Placed. */
		NEW("New", "Pack"),

		/** In its box. */
		PACKED("Packed", "Ship"),

		/** On its way; nothing left to do. */
		SHIPPED("Shipped", null);

		private final String label;

		private final @Nullable String action;

		Status(String label, @Nullable String action) {
			this.label = label;
			this.action = action;
		}

		public String label() {
			return this.label;
		}

		/**
		 * What can be done next, in words.
		 * @return the label of a button, or {@code null}
		 */
		public @Nullable String action() {
			return this.action;
		}

		Status next() {
			return (this == NEW) ? PACKED : SHIPPED;
		}

	}

	/**
	 * One coffee of an order.
	 *
	 * @param coffee its name
	 * @param bags how many bags of 250 g
	 * @param price price of a bag when it was ordered
	 */
	public record Line(String coffee, int bags, Money price) {

	}

}
