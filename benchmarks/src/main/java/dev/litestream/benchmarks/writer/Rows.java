package dev.litestream.benchmarks.writer;

import java.util.SplittableRandom;

/**
 * Content of rows: a quarter random bytes, three quarters words, of which LZ4 keeps about
 * 60 %, as of rows that applications keep. Not thread-safe.
 */
public final class Rows {

	private static final byte[][] WORDS = words();

	private final SplittableRandom random;

	/**
	 * Begins a sequence of rows.
	 * @param seed the same rows come from the same seed
	 */
	public Rows(long seed) {
		this.random = new SplittableRandom(seed);
	}

	/**
	 * The next row.
	 * @param size in bytes
	 * @return its content
	 */
	public byte[] next(int size) {
		byte[] row = new byte[size];
		this.random.nextBytes(row);
		for (int i = size / 4; i < size;) {
			byte[] word = WORDS[this.random.nextInt(WORDS.length)];
			int length = Math.min(word.length, size - i);
			System.arraycopy(word, 0, row, i, length);
			i += length;
		}
		return row;
	}

	SplittableRandom random() {
		return this.random;
	}

	private static byte[][] words() {
		SplittableRandom random = new SplittableRandom(42);
		byte[][] words = new byte[400][];
		for (int k = 0; k < words.length; k++) {
			words[k] = new byte[4 + random.nextInt(9)];
			for (int i = 0; i < words[k].length; i++) {
				words[k][i] = (byte) ((i == words[k].length - 1) ? ' ' : 'a' + random.nextInt(26));
			}
		}
		return words;
	}

}
