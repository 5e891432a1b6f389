package dev.litestream.ltx;

import dev.litestream.Txid;
import org.jspecify.annotations.Nullable;

/**
 * The name of an LTX file: {@code <min>-<max>.ltx}, each TXID as 16 lower-case
 * hexadecimal digits, the first one not zero and not after the second.
 *
 * @param minTxid the first position
 * @param maxTxid the last position
 */
public record LtxFileName(Txid minTxid, Txid maxTxid) {

	/**
	 * Formats a name.
	 * @param min the first position
	 * @param max the last position
	 * @return the file name
	 */
	public static String of(Txid min, Txid max) {
		return min + "-" + max + ".ltx";
	}

	/**
	 * Parses a name.
	 * @param name a file name without its directory
	 * @return the name's positions, or {@code null} if it is not the name of an LTX file
	 */
	public static @Nullable LtxFileName parse(String name) {
		if (name.length() != 37 || name.charAt(16) != '-' || !name.endsWith(".ltx")) {
			return null;
		}
		try {
			LtxFileName parsed = new LtxFileName(Txid.parse(name.substring(0, 16)), Txid.parse(name.substring(17, 33)));
			boolean canBe = !parsed.minTxid.isZero() && !parsed.minTxid.isAfter(parsed.maxTxid);
			return (canBe && parsed.toString().equals(name)) ? parsed : null; // upper
																				// case is
																				// none
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	@Override
	public String toString() {
		return of(this.minTxid, this.maxTxid);
	}

}
