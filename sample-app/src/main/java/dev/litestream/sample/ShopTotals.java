package dev.litestream.sample;

/**
 * The shop in four numbers.
 *
 * @param purchases orders placed
 * @param customers customers known
 * @param bags bags ordered
 * @param revenueCents what they cost together, in cents
 */
public record ShopTotals(long purchases, long customers, long bags, long revenueCents) {

	/** Before the shop was opened. */
	static final ShopTotals NONE = new ShopTotals(0, 0, 0, 0);

	public Money revenue() {
		return new Money(this.revenueCents);
	}

}
