package dev.litestream.benchmarks;

import java.io.IOException;
import java.io.InputStream;

import dev.litestream.ltx.LtxReader;

/**
 * Finds the writer's marks, {@code MARK} and ten digits, in the pages of an LTX file.
 */
final class Marks {

	private static final int DIGITS = 10;

	private Marks() {
	}

	/** The largest mark in a file that is read to its verified end; 0 for none. */
	static long largest(InputStream file, String name) throws IOException {
		try (LtxReader reader = new LtxReader(file, name)) {
			byte[] page = new byte[reader.header().pageSize()];
			long largest = 0;
			while (reader.nextPage(page) != 0) {
				largest = Math.max(largest, largest(page));
			}
			return largest;
		}
	}

	static long largest(byte[] page) {
		long largest = 0;
		for (int i = 0; i + 4 + DIGITS <= page.length; i++) {
			if (page[i] == 'M' && page[i + 1] == 'A' && page[i + 2] == 'R' && page[i + 3] == 'K') {
				largest = Math.max(largest, number(page, i + 4));
			}
		}
		return largest;
	}

	private static long number(byte[] page, int offset) {
		long number = 0;
		for (int i = offset; i < offset + DIGITS; i++) {
			if (page[i] < '0' || page[i] > '9') {
				return 0;
			}
			number = number * 10 + page[i] - '0';
		}
		return number;
	}

}
