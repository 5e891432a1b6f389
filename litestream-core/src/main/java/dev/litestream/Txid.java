package dev.litestream;

import org.jspecify.annotations.Nullable;

/**
 * A position in a replica's history: one per sync, not one per SQLite transaction.
 * Written as 16 lower-case hexadecimal digits. Values are unsigned 64-bit numbers; zero
 * means "no position".
 *
 * @param value the unsigned 64-bit value
 */
public record Txid(long value) implements Comparable<Txid> {

	/** No position: nothing has been synced. */
	public static final Txid ZERO = new Txid(0);

	/** The first position of every history. */
	public static final Txid FIRST = new Txid(1);

	/**
	 * Parses the 16 hexadecimal digits of a file name or command line.
	 * @param text exactly 16 hexadecimal digits
	 * @return the position
	 * @throws IllegalArgumentException if the text is anything else
	 */
	public static Txid parse(String text) {
		if (text.length() != 16) {
			throw new IllegalArgumentException("'" + text + "' is not a TXID: 16 hexadecimal digits are expected");
		}
		long value = 0;
		for (int i = 0; i < 16; i++) {
			int digit = Character.digit(text.charAt(i), 16);
			if (digit < 0 || text.charAt(i) > 'f') {
				throw new IllegalArgumentException("'" + text + "' is not a TXID: 16 hexadecimal digits are expected");
			}
			value = (value << 4) | digit;
		}
		return new Txid(value);
	}

	/**
	 * Whether this is {@link #ZERO}.
	 * @return whether there is no position
	 */
	public boolean isZero() {
		return this.value == 0;
	}

	/**
	 * The digits to show to people and programs, which would mistake zero for a position.
	 * @return 16 hexadecimal digits, or {@code null} if there is no position
	 */
	public @Nullable String digits() {
		return isZero() ? null : toString();
	}

	/**
	 * The position after this one.
	 * @return this position plus one
	 */
	public Txid next() {
		return new Txid(this.value + 1);
	}

	/**
	 * The position before this one.
	 * @return this position minus one
	 */
	public Txid previous() {
		return new Txid(this.value - 1);
	}

	/**
	 * Whether this position lies before another, compared unsigned.
	 * @param other the other position
	 * @return whether this is smaller
	 */
	public boolean isBefore(Txid other) {
		return compareTo(other) < 0;
	}

	/**
	 * Whether this position lies after another, compared unsigned.
	 * @param other the other position
	 * @return whether this is larger
	 */
	public boolean isAfter(Txid other) {
		return compareTo(other) > 0;
	}

	/**
	 * The later of two positions.
	 * @param a one position
	 * @param b another
	 * @return the larger one
	 */
	public static Txid max(Txid a, Txid b) {
		return a.isBefore(b) ? b : a;
	}

	@Override
	public int compareTo(Txid other) {
		return Long.compareUnsigned(this.value, other.value);
	}

	@Override
	public String toString() {
		String hex = Long.toHexString(this.value);
		return "0".repeat(16 - hex.length()) + hex;
	}

}
