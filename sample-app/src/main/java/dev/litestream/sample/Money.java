package dev.litestream.sample;

import java.util.Locale;

/**
 * An amount in euro.
 *
 * @param cents the amount in cents
 */
public record Money(long cents) {

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "€%,d.%02d", this.cents / 100, this.cents % 100);
	}

}
